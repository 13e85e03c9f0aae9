package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Bodies that are larger than the memory of a process of its own.
 */
@Timeout(600)
@SlowTest
class StreamingTests {

	private static final long BYTES = Long.getLong("streaming.bytes", 192L * 1024 * 1024);

	@Test
	void everyClientStreamsInBothDirectionsToServicesAndToOtherHosts() throws Exception {
		ExecutorService threads = Executors.newCachedThreadPool();
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.setExecutor(threads);
		server.createContext("/", StreamingTests::answer);
		server.start();
		try {
			String output = run(server.getAddress().getPort());
			assertThat(output.lines().filter((line) -> line.startsWith(StreamingProgram.MARK))).as(output)
				.hasSize(5 * 5 + 4 * 2)
				.allMatch((line) -> line.endsWith(" %d %1$d".formatted(BYTES)));
		}
		finally {
			server.stop(0);
			threads.shutdownNow();
		}
	}

	private static void answer(HttpExchange exchange) throws IOException {
		if (exchange.getRequestMethod().equals("GET")) {
			exchange.sendResponseHeaders(200, BYTES);
			StreamingProgram.write(exchange.getResponseBody(), BYTES);
		}
		else {
			byte[] got = Long.toString(StreamingProgram.count(exchange.getRequestBody()))
				.getBytes(StandardCharsets.UTF_8);
			exchange.sendResponseHeaders(200, got.length);
			exchange.getResponseBody().write(got);
		}
		exchange.close();
	}

	private static String run(int port) throws Exception {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx96m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=1",
				"-cp", classPath, StreamingProgram.class.getName(), Integer.toString(port), Long.toString(BYTES))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as(output).isZero();
			return output;
		}
		finally {
			process.destroyForcibly();
		}
	}

}
