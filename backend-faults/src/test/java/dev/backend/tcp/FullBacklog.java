package dev.backend.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of the loopback interface where nobody answers a dial: the system drops what
 * comes, since the queue of the listener, which accepts nothing, is full.
 */
final class FullBacklog implements AutoCloseable {

	private static final int MOST = 64;

	private final ServerSocket listener;

	private final List<Socket> sockets = new ArrayList<>();

	FullBacklog() throws IOException {
		this.listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
		while (answers()) {
			if (this.sockets.size() == MOST) {
				throw new IllegalStateException("%d dials were answered (expected: 1 or 2)".formatted(MOST));
			}
		}
	}

	private boolean answers() throws IOException {
		Socket socket = new Socket();
		this.sockets.add(socket);
		try {
			socket.connect(this.listener.getLocalSocketAddress(), 250);
			return true;
		}
		catch (SocketTimeoutException ex) {
			return false;
		}
	}

	int port() {
		return this.listener.getLocalPort();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

}
