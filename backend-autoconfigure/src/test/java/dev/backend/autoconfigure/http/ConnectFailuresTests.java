package dev.backend.autoconfigure.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLHandshakeException;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.timeout.ReadTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectFailuresTests {

	@Test
	void onlyWhatFailsBeforeThereIsAConnectionIsAFailureToConnect() {
		for (Throwable failure : List.of(new ConnectException("refused"), new NoRouteToHostException(),
				new UnknownHostException("gone"), new UnresolvedAddressException(),
				new HttpConnectTimeoutException("late"), new ConnectTimeoutException("late"),
				new org.apache.hc.client5.http.ConnectTimeoutException("late"), new HttpHostConnectException("refused"),
				new SocketTimeoutException("Connect timed out"), new SocketTimeoutException("Connect Timeout"),
				new SocketException("Network is unreachable"),
				new RuntimeException(new IOException(new ConnectException("refused"))))) {
			assertThat(ConnectFailures.is(failure)).as(failure.toString()).isTrue();
			assertThat(ConnectFailures.isOwn(failure)).as(failure.toString()).isFalse();
		}
		for (Throwable failure : List.of(new SocketTimeoutException("Read timed out"), new HttpTimeoutException("late"),
				new SocketException("Connection reset"), new SSLHandshakeException("alert"), new EOFException(),
				new TimeoutException(), ReadTimeoutException.INSTANCE, new IllegalStateException("no token"),
				new InterruptedIOException())) {
			assertThat(ConnectFailures.is(failure)).as(failure.toString()).isFalse();
			assertThat(ConnectFailures.isOwn(failure)).as(failure.toString()).isFalse();
		}
	}

	@Test
	void whatIsTheFaultOfThisSideIsTold() {
		for (Throwable failure : List.of(new BindException("Cannot assign requested address"),
				new IOException("Request was interrupted", new InterruptedException()),
				new SocketException("Closed by interrupt"), new ConnectionRequestTimeoutException("no connection"))) {
			assertThat(ConnectFailures.is(failure)).as(failure.toString()).isFalse();
			assertThat(ConnectFailures.isOwn(failure)).as(failure.toString()).isTrue();
		}
	}

	@Test
	void causesInACircleEnd() {
		IOException one = new IOException("one");
		one.initCause(new IOException("other", one));
		assertThat(ConnectFailures.is(one)).isFalse();
	}

}
