package dev.backend.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application of a module in a process of its own, with the class path that it has in
 * production: nothing of the tests is on it. The module has the plugin
 * maven-dependency-plugin, which writes that class path down.
 */
public final class ApplicationProcess implements AutoCloseable {

	private static final Path TARGET = Path.of("target");

	/** As in the line about a connection. */
	private static final String CLIENT_PORT = "\\(/127\\.0\\.0\\.1:\\d+ ->";

	private final Process process;

	private final Path output;

	private ApplicationProcess(Process process, Path output) {
		this.process = process;
		this.output = output;
	}

	/**
	 * Starts the application.
	 * @param main the name of its class
	 * @param arguments its arguments
	 */
	public static ApplicationProcess start(String main, String... arguments) {
		try {
			List<String> command = new ArrayList<>(
					List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
							"-XX:TieredStopAtLevel=1", "-cp", TARGET.resolve("classes") + File.pathSeparator
									+ Files.readString(TARGET.resolve("runtime.classpath")).strip(),
							main));
			command.addAll(List.of(arguments));
			Path output = TARGET.resolve(main + ".log");
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(output.toFile())
				.start();
			Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
			return new ApplicationProcess(process, output);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Waits until the application has printed lines that end so, whatever the port of a
	 * client is, and runs on.
	 * @param lines the ends of the lines
	 */
	public void awaitPrinted(List<String> lines) {
		assertThat(lines).isNotEmpty();
		await().untilAsserted(() -> {
			assertThat(this.process.isAlive()).as("runs: %s", output()).isTrue();
			assertThat(lines).allSatisfy((line) -> assertThat(output()).containsPattern(
					Pattern.quote(line).replaceAll(CLIENT_PORT, "(/127.0.0.1:\\\\E\\\\d+\\\\Q ->") + "\\R"));
		});
	}

	private String output() {
		try {
			return Files.readString(this.output);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Asks the process to end, as a service manager does, and waits for that. */
	@Override
	public void close() {
		this.process.destroy();
		this.process.onExit().join();
	}

}
