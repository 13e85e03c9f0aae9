package dev.backend.autoconfigure.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of this machine that does not answer who wants to connect: its backlog is full.
 */
public final class SilentPort implements AutoCloseable {

	private final ServerSocket listener;

	private final List<Socket> fillers = new ArrayList<>();

	public SilentPort() throws IOException {
		this.listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
		while (isAnswered()) {
			if (this.fillers.size() > 64) {
				throw new IllegalStateException("64 dials were answered (expected: 1 or 2)");
			}
		}
	}

	private boolean isAnswered() throws IOException {
		Socket socket = new Socket();
		this.fillers.add(socket);
		try {
			socket.connect(this.listener.getLocalSocketAddress(), 100);
			return true;
		}
		catch (SocketTimeoutException ex) {
			return false;
		}
	}

	public int port() {
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
