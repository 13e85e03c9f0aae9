package dev.backend.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;

import javax.net.ssl.SSLException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link PlainWords} with what the transports throw.
 */
class PlainWordsTests {

	private static void assertPlain(Throwable raw, String text) {
		Throwable plain = PlainWords.of(raw);
		assertThat(plain).hasMessage(text).hasCause(raw);
		assertThat(PlainWords.describe(plain)).isEqualTo(text);
	}

	@Test
	void systemCallsAndErrorNumbersAreLeftOut() {
		ConnectException refused = new ConnectException(
				"finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:7001");
		assertPlain(refused, "connection refused");
		assertThat(PlainWords.of(refused)).isInstanceOf(ConnectException.class);
		assertPlain(new ConnectException("Connection refused: localhost/127.0.0.1:7001"),
				"connection refused: localhost/127.0.0.1:7001");
		assertPlain(new NoRouteToHostException("connect(..) failed: No route to host: /10.0.0.5:7001"),
				"no route to host");
		assertPlain(new IOException("recvAddress(..) failed with error(-104): Connection reset by peer"),
				"connection reset by peer");
		assertPlain(new SocketException("Connection reset"), "connection reset");
		assertPlain(new UnknownHostException("game.invalid"), "unknown host game.invalid");
	}

	@Test
	void whatIsPlainAlreadyStaysAsItIs() {
		for (Throwable plain : new Throwable[] { new IOException("connection refused"),
				new SSLException("Received fatal alert: bad_certificate"),
				new IllegalStateException("Login failed") }) {
			assertThat(PlainWords.of(plain)).isSameAs(plain);
			assertThat(PlainWords.describe(plain)).isEqualTo(plain.getMessage());
		}
	}

	@Test
	void whenThereIsNoMessageThenSomethingElseThanNullIsPrinted() {
		assertPlain(new ClosedChannelException(), "connection closed");
		assertPlain(new IOException(), "java.io.IOException");
		assertPlain(new IOException("null"), "java.io.IOException");
		assertThat(PlainWords.describe(new IllegalStateException())).isEqualTo("java.lang.IllegalStateException");
		assertThat(PlainWords.describe(new IllegalStateException(" "))).isEqualTo("java.lang.IllegalStateException");
	}

	@Test
	void timeoutOfTheSystemIsKnownOnEveryTransport() {
		assertThat(PlainWords.isTimeout(new IOException("Connection timed out"))).isTrue();
		assertThat(
				PlainWords.isTimeout(new IOException("recvAddress(..) failed with error(-110): Connection timed out")))
			.isTrue();
		assertThat(PlainWords.isTimeout(new ConnectException("connection timed out after 5000 ms: /10.0.0.5:7001")))
			.isFalse();
		assertThat(PlainWords.isTimeout(new IllegalStateException("Connection timed out"))).isFalse();
	}

}
