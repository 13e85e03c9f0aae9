package dev.backend.sample.redis;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import dev.backend.test.FreePorts;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class EmbeddedRedisTests {

	@Test
	void answersWhileItRunsAndIsGoneAfterwards() throws IOException {
		int port = FreePorts.one();
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
			assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class).isThrownBy(redis::start)
				.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("sample.redis.port"))
				.satisfies((ex) -> assertThat(ex.getValue()).isEqualTo(socket.getLocalPort()))
				.withMessageContaining("The port is taken");
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
