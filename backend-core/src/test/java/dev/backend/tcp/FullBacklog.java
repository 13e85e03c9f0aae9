package dev.backend.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * An address of this machine that does not answer who wants to connect: it listens, never
 * accepts, and its backlog is full.
 */
final class FullBacklog implements AutoCloseable {

	private final ServerSocket listener;

	private final List<Socket> fillers = new ArrayList<>();

	FullBacklog() throws IOException {
		this("127.0.0.1", 0);
	}

	FullBacklog(String address, int port) throws IOException {
		this.listener = new ServerSocket(port, 1, InetAddress.getByName(address));
		if (!fill()) {
			throw new IllegalStateException("64 dials were answered (expected: 1 or 2)");
		}
	}

	private boolean fill() throws IOException {
		for (int i = 0; i < 64; i++) {
			Socket socket = new Socket();
			this.fillers.add(socket);
			try {
				socket.connect(this.listener.getLocalSocketAddress(), 100);
			}
			catch (SocketTimeoutException ex) {
				return true;
			}
		}
		return false;
	}

	int port() {
		return this.listener.getLocalPort();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket socket : this.fillers) {
			socket.close();
		}
	}

}
