package dev.backend.sample.redis;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class EmbeddedRedisTests {

	@Test
	void answersWhileItRunsAndIsGoneAfterwards() throws IOException {
		int port;
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			port = socket.getLocalPort();
		}
		EmbeddedRedis redis = new EmbeddedRedis(new SampleRedisProperties(true, port));
		redis.start();
		assertThat(redis.isRunning()).isTrue();
		assertThat(ping(port)).isEqualTo("+PONG");
		redis.stop();
		assertThat(redis.isRunning()).isFalse();
		Awaitility.await()
			.untilAsserted(() -> assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> ping(port)));
	}

	@Test
	void whenPortIsTakenThenRefusesWithTheValue() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			EmbeddedRedis redis = new EmbeddedRedis(new SampleRedisProperties(true, socket.getLocalPort()));
			assertThatIllegalStateException().isThrownBy(redis::start)
				.withMessageStartingWith(
						"sample.redis.port: " + socket.getLocalPort() + " (expected: a free port on 127.0.0.1;");
			assertThat(redis.isRunning()).isFalse();
		}
	}

	private static String ping(int port) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
			return new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
		}
	}

}
