package dev.backend.registries;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program of the tests in a JVM of its own, so that it can be killed. It prints
 * {@value #READY} when it is ready, and ends in order when its input ends. What it prints
 * is in {@code target/processes}.
 */
final class JavaProcess implements AutoCloseable {

	static final String READY = "READY";

	private final Process process;

	private JavaProcess(Process process) {
		this.process = process;
	}

	/** Starts a program and waits until it is ready. */
	static JavaProcess start(String name, Class<?> program, String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
						"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
						program.getName()));
		command.addAll(List.of(arguments));
		try {
			Path log = Files.createDirectories(Path.of("target", "processes")).resolve(name + ".log");
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			CompletableFuture<Void> ready = new CompletableFuture<>();
			Thread reader = new Thread(() -> copy(process, log, ready), name + "-output");
			reader.setDaemon(true);
			reader.start();
			ready.orTimeout(3, TimeUnit.MINUTES).join();
			return new JavaProcess(process);
		}
		catch (IOException ex) {
			throw new IllegalStateException(name + " does not start", ex);
		}
	}

	/** Says that the program is ready, and waits until it should end. */
	static void awaitEnd() throws IOException {
		System.out.println(READY);
		while (System.in.read() >= 0) {
			// Only the end counts.
		}
	}

	/** Ends it in order. */
	void stop() throws IOException, InterruptedException {
		this.process.getOutputStream().close();
		if (!this.process.waitFor(30, TimeUnit.SECONDS)) {
			throw new IllegalStateException(this.process + " does not end");
		}
	}

	/** Ends it without a word to anybody. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	@Override
	public void close() {
		kill();
	}

	private static void copy(Process process, Path log, CompletableFuture<Void> ready) {
		try (BufferedReader output = new BufferedReader(
				new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
				PrintStream copy = new PrintStream(Files.newOutputStream(log), true, StandardCharsets.UTF_8)) {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				copy.println(line);
				if (line.equals(READY)) {
					ready.complete(null);
				}
			}
			ready.completeExceptionally(new IllegalStateException("has ended, see " + log));
		}
		catch (IOException ex) {
			ready.completeExceptionally(ex);
		}
	}

}
