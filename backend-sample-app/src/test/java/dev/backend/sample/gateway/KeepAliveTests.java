package dev.backend.sample.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the gateway's web server treats a connection of many requests. Reactor Netty 1.3.7
 * stopped reading it, see the versions in the root of the build.
 */
class KeepAliveTests extends AbstractSampleTests {

	private static final int PATIENCE_MILLIS = 20_000;

	@LocalServerPort
	private int port;

	/**
	 * The second request waits for the first, which another thread answers, and is then
	 * answered at once.
	 */
	@Test
	void whenTwoRequestsArriveTogetherThenConnectionServesTheNext() throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			socket.setSoTimeout(PATIENCE_MILLIS);
			socket.getOutputStream().write(ascii(get("/api/pay?key=user-1") + get("/api/fleet")));
			awaitAnswers(socket, 2);
			socket.getOutputStream().write(ascii(get("/api/fleet")));
			awaitAnswers(socket, 1);
		}
	}

	private static String get(String path) {
		return "GET " + path + " HTTP/1.1\r\nHost: gateway\r\n\r\n";
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/** Reads on until the heads of so many answers have come. */
	private static void awaitAnswers(Socket socket, int count) throws IOException {
		InputStream in = socket.getInputStream();
		StringBuilder received = new StringBuilder();
		byte[] buffer = new byte[8192];
		while (received.toString().split("HTTP/1.1 200", -1).length - 1 < count) {
			int length = in.read(buffer);
			assertThat(length).as("bytes after: %s", received).isPositive();
			received.append(new String(buffer, 0, length, StandardCharsets.US_ASCII));
		}
	}

}
