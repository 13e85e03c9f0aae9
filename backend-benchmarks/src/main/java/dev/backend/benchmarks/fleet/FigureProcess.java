package dev.backend.benchmarks.fleet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that answers each line by one: a word and numbers with their names. It ends
 * when its standard input does.
 */
final class ChildProcess implements AutoCloseable {

	private final Process process;

	private final BufferedReader output;

	private final String name;

	ChildProcess(String name, Process process) {
		this.name = name;
		this.process = process;
		this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
	}

	/** Sends a line and returns the answer. */
	Map<String, Double> ask(String line, String word) throws IOException {
		this.process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
		this.process.getOutputStream().flush();
		return await(word);
	}

	/** Waits for the answer that begins with a word. */
	Map<String, Double> await(String word) throws IOException {
		String line = this.output.readLine();
		while (line != null && !line.startsWith(word)) {
			System.err.println(this.name + ": " + line);
			line = this.output.readLine();
		}
		if (line == null) {
			throw new IOException(this.name + " ended before it answered " + word + ", see its log");
		}
		Map<String, Double> values = new HashMap<>();
		for (String field : line.substring(word.length()).strip().split(" ")) {
			int equals = field.indexOf('=');
			if (equals > 0) {
				values.put(field.substring(0, equals), Double.valueOf(field.substring(equals + 1)));
			}
		}
		return values;
	}

	@Override
	public void close() throws IOException {
		this.process.getOutputStream().close();
		try {
			this.process.waitFor(5, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.process.destroyForcibly();
	}

}
