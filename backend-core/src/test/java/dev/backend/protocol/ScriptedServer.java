package dev.backend.protocol;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server on a free port of the loopback interface that follows a script on each
 * connection, and keeps the bytes that it reads.
 */
final class ScriptedServer implements AutoCloseable {

	private final List<ByteArrayOutputStream> received = new CopyOnWriteArrayList<>();

	private final List<Throwable> failures = new CopyOnWriteArrayList<>();

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final ServerSocket listener;

	private final Script script;

	ScriptedServer(Script script) throws IOException {
		this.script = script;
		this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		startThread(this::accept);
	}

	private void accept() throws IOException {
		while (!this.listener.isClosed()) {
			Socket socket = this.listener.accept();
			this.sockets.add(socket);
			startThread(() -> serve(socket));
		}
	}

	private void serve(Socket socket) throws Exception {
		try (socket) {
			ByteArrayOutputStream received = new ByteArrayOutputStream();
			this.received.add(received);
			this.script.follow(new DataInputStream(new Recording(socket.getInputStream(), received)),
					socket.getOutputStream(), socket);
		}
	}

	int port() {
		return this.listener.getLocalPort();
	}

	/** What was read from each connection, in the order in which they came. */
	List<byte[]> received() {
		return this.received.stream().map(ByteArrayOutputStream::toByteArray).toList();
	}

	/** What a script threw, but for the end of a connection. */
	List<Throwable> failures() {
		return this.failures;
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

	private void startThread(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (EOFException | SocketException ex) {
				// The connection or the listener was closed.
			}
			catch (Throwable ex) {
				this.failures.add(ex);
			}
		}, "scripted-server");
		thread.setDaemon(true);
		thread.start();
	}

	/** What happens on a connection. */
	interface Script {

		void follow(DataInputStream in, OutputStream out, Socket socket) throws Exception;

	}

	private interface Task {

		void run() throws Exception;

	}

	private static final class Recording extends FilterInputStream {

		private final ByteArrayOutputStream read;

		Recording(InputStream in, ByteArrayOutputStream read) {
			super(in);
			this.read = read;
		}

		@Override
		public int read() throws IOException {
			int next = super.read();
			if (next >= 0) {
				this.read.write(next);
			}
			return next;
		}

		@Override
		public int read(byte[] bytes, int from, int length) throws IOException {
			int count = super.read(bytes, from, length);
			if (count > 0) {
				this.read.write(bytes, from, count);
			}
			return count;
		}

	}

}
