package dev.backend.benchmarks.rpc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A process that writes lines, and ends when its standard input does. One thread uses it.
 */
public final class ChildProcess implements AutoCloseable {

	private final String name;

	private final Process process;

	private final BufferedReader output;

	/**
	 * Takes a process over.
	 * @param name what messages call it
	 * @param process the process
	 */
	public ChildProcess(String name, Process process) {
		this.name = name;
		this.process = process;
		this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
	}

	/**
	 * Writes a line to it.
	 * @param line the line
	 * @throws IOException if it has ended
	 */
	public void tell(String line) throws IOException {
		this.process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
		this.process.getOutputStream().flush();
	}

	/**
	 * Waits for a line, and shows those before it on the standard error.
	 * @param word what the line begins with
	 * @return the rest of it
	 * @throws IOException if the process ends before
	 */
	public String await(String word) throws IOException {
		String line = this.output.readLine();
		while (line != null && !line.startsWith(word)) {
			System.err.println(this.name + ": " + line);
			line = this.output.readLine();
		}
		if (line == null) {
			throw new IOException(this.name + " ended before it wrote " + word + ", see its log");
		}
		return line.substring(word.length()).strip();
	}

	/** Reads what it writes from now on, and forgets it, lest it wait for a reader. */
	void drain() {
		Thread drain = new Thread(() -> this.output.lines().forEach((ignored) -> {
		}), this.name + "-output");
		drain.setDaemon(true);
		drain.start();
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
