package dev.backend.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import static org.awaitility.Awaitility.await;

/**
 * Accepts connections at an address of this machine, and says nothing.
 */
final class Listener implements AutoCloseable {

	private final ServerSocket listener;

	private final List<Socket> connections = new CopyOnWriteArrayList<>();

	Listener(String address, int port) throws IOException {
		this.listener = new ServerSocket();
		this.listener.bind(new InetSocketAddress(address, port));
		Thread thread = new Thread(this::accept, "listener");
		thread.setDaemon(true);
		thread.start();
	}

	private void accept() {
		try {
			while (true) {
				this.connections.add(this.listener.accept());
			}
		}
		catch (IOException ex) {
			// Closed.
		}
	}

	int port() {
		return this.listener.getLocalPort();
	}

	int accepted() {
		return this.connections.size();
	}

	List<Socket> connections() {
		return this.connections;
	}

	void dropConnections() throws IOException {
		await().until(() -> accepted() > 0);
		for (Socket socket : List.copyOf(this.connections)) {
			socket.close();
		}
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket socket : List.copyOf(this.connections)) {
			socket.close();
		}
	}

}
