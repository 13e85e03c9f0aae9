package dev.backend.benchmarks.rpc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A server that has announced its ports. It ends when its standard input does.
 */
public final class ServerProcess implements AutoCloseable {

	private final Process process;

	private final String port;

	private final String controlPort;

	/**
	 * Waits until the server has announced its ports.
	 * @param process the server's process
	 * @throws IOException if it ends before
	 */
	public ServerProcess(Process process) throws IOException {
		this.process = process;
		BufferedReader output = new BufferedReader(
				new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
		String line = output.readLine();
		while (line != null && !line.startsWith("READY ")) {
			line = output.readLine();
		}
		if (line == null) {
			throw new IOException("the server ended before it was ready, see its log");
		}
		String[] fields = line.split(" ");
		this.port = fields[1];
		this.controlPort = fields[2];
		Thread drain = new Thread(() -> output.lines().forEach((ignored) -> {
		}), "server-output");
		drain.setDaemon(true);
		drain.start();
	}

	/**
	 * Returns where the server listens.
	 * @return the port
	 */
	public String port() {
		return this.port;
	}

	String controlPort() {
		return this.controlPort;
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
