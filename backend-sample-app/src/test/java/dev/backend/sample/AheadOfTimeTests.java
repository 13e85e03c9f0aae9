package dev.backend.sample;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import dev.backend.test.FreePorts;
import dev.backend.test.SlowTest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplicationAotProcessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether the sample runs from the classes that Spring makes ahead of time. They are made
 * as the goal {@code process-aot} of Boot's Maven plugin makes them, and used by the
 * sample's main class in a process of its own, as they would be in production.
 */
@SlowTest
class AheadOfTimeTests {

	private static final Pattern PORT = Pattern.compile("Netty started on port (\\d+)");

	private static final String CLASS_PATH = System.getProperty("java.class.path");

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	@TempDir
	private Path folder;

	@Test
	@Timeout(200)
	void theSampleAnswersFromGeneratedClasses() throws Exception {
		Path sources = this.folder.resolve("sources");
		Path classes = this.folder.resolve("classes");
		generate(sources, classes);
		compile(sources, classes);
		Path log = this.folder.resolve("run.log");
		Process sample = java(log, classes + File.pathSeparator + CLASS_PATH, "-Dspring.aot.enabled=true",
				SampleApplication.class.getName(), "--server.port=0", "--sample.redis.port=" + FreePorts.one());
		try {
			int port = port(sample, log);
			assertThat(Files.readString(log)).contains("Starting AOT-processed SampleApplication");
			assertThat(request(port, "/api/request?key=user-1", "hello")).contains("\"reply\":\"hello\"");
			assertThat(request(port, "/api/broadcast", "hello")).contains("\"accepted\":3");
			assertThat(get(port, "/api/pay?key=user-1")).contains("pay-");
			assertThat(get(port, "/actuator/backends")).contains("game-1", "READY", "pay-1", "UP");
		}
		finally {
			end(sample);
		}
	}

	private void generate(Path sources, Path classes) throws Exception {
		Path log = this.folder.resolve("generate.log");
		Process generation = java(log, CLASS_PATH, SpringApplicationAotProcessor.class.getName(),
				SampleApplication.class.getName(), sources.toString(), classes.toString(), classes.toString(),
				"dev.backend", "backend-sample-app");
		try {
			assertThat(generation.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			assertThat(generation.exitValue()).as(Files.readString(log)).isZero();
		}
		finally {
			end(generation);
		}
	}

	private static void compile(Path sources, Path classes) throws IOException {
		JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "This is no JDK");
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
				Stream<Path> generated = Files.walk(sources)) {
			List<Path> units = generated.filter((file) -> file.toString().endsWith(".java")).toList();
			assertThat(units).isNotEmpty();
			List<String> options = List.of("-proc:none", "-nowarn", "-Xlint:none", "-d", classes.toString(),
					"-classpath", classes + File.pathSeparator + CLASS_PATH);
			assertThat(
					compiler.getTask(null, files, null, options, null, files.getJavaFileObjectsFromPaths(units)).call())
				.isTrue();
		}
	}

	private static Process java(Path log, String classPath, String... arguments) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-cp", classPath));
		command.addAll(List.of(arguments));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
		return process;
	}

	private static int port(Process sample, Path log) {
		return Awaitility.await().atMost(TIMEOUT).until(() -> {
			String text = Files.readString(log);
			assertThat(sample.isAlive()).as(text).isTrue();
			Matcher matcher = PORT.matcher(text);
			return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
		}, (port) -> port > 0);
	}

	private static String request(int port, String path, String text) throws Exception {
		return answer(HttpRequest.newBuilder(uri(port, path))
			.header("Content-Type", "text/plain")
			.POST(HttpRequest.BodyPublishers.ofString(text)));
	}

	private static String get(int port, String path) throws Exception {
		return answer(HttpRequest.newBuilder(uri(port, path)));
	}

	private static URI uri(int port, String path) {
		return URI.create("http://127.0.0.1:" + port + path);
	}

	private static String answer(HttpRequest.Builder request) throws Exception {
		HttpResponse<String> response = HttpClient.newHttpClient()
			.send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return response.body();
	}

	/** The sample's Redis ends with it; that is why it is asked first. */
	private static void end(Process process) throws InterruptedException {
		process.destroy();
		if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
			process.destroyForcibly().waitFor();
		}
	}

}
