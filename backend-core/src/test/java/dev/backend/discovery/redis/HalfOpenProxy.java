package dev.backend.discovery.redis;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy whose connections can be made half open: they stay, and nothing goes
 * through any more, as after a router lost its state. Later connections work.
 */
final class HalfOpenProxy implements AutoCloseable {

	private final ServerSocket listener;

	private final int target;

	private final AtomicInteger era = new AtomicInteger();

	private final List<Closeable> sockets = new CopyOnWriteArrayList<>();

	HalfOpenProxy(int target) {
		this.target = target;
		try {
			this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		run(this::accept);
	}

	int port() {
		return this.listener.getLocalPort();
	}

	/** Makes all present connections half open. */
	void freeze() {
		this.era.incrementAndGet();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Closeable socket : this.sockets) {
			socket.close();
		}
	}

	private void accept() throws IOException {
		while (true) {
			Socket client = this.listener.accept();
			Socket server = new Socket(InetAddress.getLoopbackAddress(), this.target);
			this.sockets.add(client);
			this.sockets.add(server);
			int born = this.era.get();
			run(() -> forward(client, server, born));
			run(() -> forward(server, client, born));
		}
	}

	private void forward(Socket from, Socket to, int born) throws IOException {
		byte[] bytes = new byte[8192];
		int length = from.getInputStream().read(bytes);
		while (length >= 0) {
			if (born == this.era.get()) {
				to.getOutputStream().write(bytes, 0, length);
			}
			length = from.getInputStream().read(bytes);
		}
		to.shutdownOutput();
	}

	private static void run(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException ex) {
				// One of the ends is closed: so is the other, by its own.
			}
		}, "half-open-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	/** What may end with its socket. */
	private interface Task {

		void run() throws IOException;

	}

}
