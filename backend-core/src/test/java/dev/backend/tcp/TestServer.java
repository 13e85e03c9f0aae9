package dev.backend.tcp;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.awaitility.Awaitility;

/**
 * A server on a free port of the loopback interface that speaks {@link Frame}s, on plain
 * blocking sockets, so that a test decides when it reads.
 */
final class TestServer implements AutoCloseable {

	/**
	 * More than any test connects at once. What does not find room may be connected for
	 * the client alone: a system that answers with SYN cookies forgets it.
	 */
	private static final int BACKLOG = 2048;

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final List<Frame> received = new CopyOnWriteArrayList<>();

	private final Lock lock = new ReentrantLock();

	private final Condition readingAgain = this.lock.newCondition();

	private final int port;

	private final BiConsumer<Socket, Frame> behaviour;

	private boolean reading = true;

	private ServerSocket listener;

	TestServer(BiConsumer<Socket, Frame> behaviour) {
		this.behaviour = behaviour;
		this.listener = listen(0);
		this.port = this.listener.getLocalPort();
	}

	/** A server that answers every request with its text and this prefix. */
	static TestServer echo(String prefix) {
		return new TestServer((socket, frame) -> {
			if (frame.kind() == Frame.REQUEST) {
				send(socket, frame.reply(prefix + frame.text()));
			}
		});
	}

	/** A server that answers nothing. */
	static TestServer silent() {
		return new TestServer((socket, frame) -> {
		});
	}

	private ServerSocket listen(int port) {
		try {
			ServerSocket listener = new ServerSocket();
			listener.setReuseAddress(true);
			listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
			startThread(() -> accept(listener));
			return listener;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void accept(ServerSocket listener) throws IOException {
		while (!listener.isClosed()) {
			Socket socket = listener.accept();
			socket.setTcpNoDelay(true);
			this.sockets.add(socket);
			if (listener.isClosed()) {
				// It came while the listener closed; stop() may not have seen it.
				closeQuietly(socket);
			}
			startThread(() -> read(socket));
		}
	}

	private void read(Socket socket) throws IOException {
		try (socket) {
			DataInputStream in = new DataInputStream(socket.getInputStream());
			while (true) {
				awaitReading();
				byte[] text = new byte[in.readInt() - 9];
				char kind = (char) in.readByte();
				long id = in.readLong();
				in.readFully(text);
				Frame frame = new Frame(kind, id, new String(text, StandardCharsets.UTF_8));
				this.received.add(frame);
				this.behaviour.accept(socket, frame);
			}
		}
		finally {
			this.sockets.remove(socket);
		}
	}

	private void awaitReading() {
		this.lock.lock();
		try {
			while (!this.reading) {
				this.readingAgain.awaitUninterruptibly();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Reads at most what it is reading, and then nothing more, as a peer that hangs. */
	void stopReading() {
		setReading(false);
	}

	void resumeReading() {
		setReading(true);
	}

	private void setReading(boolean reading) {
		this.lock.lock();
		try {
			this.reading = reading;
			this.readingAgain.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	static void send(Socket socket, Frame frame) {
		ByteBuf out = Unpooled.buffer();
		Frame.write(frame, out);
		send(socket, ByteBufUtil.getBytes(out));
	}

	static void send(Socket socket, byte[] bytes) {
		try {
			socket.getOutputStream().write(bytes);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Ends a connection, after all that was sent by it. */
	static void end(Socket socket) {
		closeQuietly(socket);
	}

	int port() {
		return this.port;
	}

	List<Frame> received() {
		return this.received;
	}

	List<Socket> connections() {
		return this.sockets;
	}

	/** Sends to all connections, at least one; blocks while a peer does not read. */
	void sendToAll(Frame frame) {
		awaitConnection();
		this.sockets.forEach((socket) -> send(socket, frame));
	}

	/** A peer may be connected before this side has accepted it. */
	private void awaitConnection() {
		if (this.sockets.isEmpty()) {
			Awaitility.await().until(() -> !this.sockets.isEmpty());
		}
	}

	/**
	 * Closes all connections, at least one. Whoever sees one end does not find it among
	 * the connections any more.
	 */
	void dropConnections() {
		awaitConnection();
		dropAnyConnections();
	}

	/** Closes all connections, if there are any. */
	void dropAnyConnections() {
		this.sockets.forEach((socket) -> {
			this.sockets.remove(socket);
			closeQuietly(socket);
		});
	}

	/** Closes the listener and all connections, as when the process dies. */
	void stop() {
		closeQuietly(this.listener);
		dropAnyConnections();
	}

	/** Listens again, on the same port. */
	void restart() {
		this.listener = listen(this.port);
	}

	@Override
	public void close() {
		resumeReading();
		stop();
	}

	private static void startThread(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException | UncheckedIOException ex) {
				// The connection or the listener was closed.
			}
		}, "test-server");
		thread.setDaemon(true);
		thread.start();
	}

	private static void closeQuietly(AutoCloseable closeable) {
		try {
			closeable.close();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@FunctionalInterface
	private interface Task {

		void run() throws IOException;

	}

}
