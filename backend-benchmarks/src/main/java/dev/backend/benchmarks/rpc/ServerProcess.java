package dev.backend.benchmarks.rpc;

import java.io.IOException;

/**
 * A server that has announced its ports. It ends when its standard input does.
 */
public final class ServerProcess implements AutoCloseable {

	private final ChildProcess process;

	private final String port;

	private final String controlPort;

	/**
	 * Waits until the server has announced its ports.
	 * @param process the server's process
	 * @throws IOException if it ends before
	 */
	public ServerProcess(Process process) throws IOException {
		this.process = new ChildProcess("server", process);
		String[] ports = this.process.await("READY ").split(" ");
		this.port = ports[0];
		this.controlPort = ports[1];
		this.process.drain();
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
		this.process.close();
	}

}
