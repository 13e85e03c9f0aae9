package dev.backend.test.fault;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A TCP proxy on a free loopback port that does to connections what networks do: cut
 * them, swallow what they carry, delay it, or cut it in pieces. One thread per direction
 * of a connection; what a test sets takes effect at once, for connections that are there
 * as well. Any thread may call it.
 */
public final class FaultProxy implements AutoCloseable {

	private static final int BUFFER = 8192;

	private static final int RECORDED_BYTES = 1 << 16;

	private final ServerSocket listener;

	private final List<Connection> connections = new CopyOnWriteArrayList<>();

	private final Lock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

	private volatile int target;

	private volatile boolean refusing;

	private volatile int pieceBytes = BUFFER;

	private boolean blackhole;

	private Duration delay = Duration.ZERO;

	/**
	 * Starts a proxy that forwards.
	 * @param target the loopback port to forward to; need not be open yet
	 */
	public FaultProxy(int target) {
		this.target = target;
		try {
			this.listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		run(this::accept);
	}

	/** Returns the port to connect to. */
	public int port() {
		return this.listener.getLocalPort();
	}

	/** Returns the number of connections that are open. */
	public int connections() {
		return this.connections.size();
	}

	/** Returns the first 64 KiB that clients have sent, whatever became of it. */
	public byte[] sentByClients() {
		synchronized (this.sent) {
			return this.sent.toByteArray();
		}
	}

	/** Forwards later connections to another port, as a virtual address that moves. */
	public void target(int port) {
		this.target = port;
	}

	/** Ends all present connections with a reset, as a crash or a firewall does. */
	public void reset() {
		this.connections.forEach(Connection::reset);
	}

	/** Resets all present connections and every later one. */
	public void refuse() {
		this.refusing = true;
		reset();
	}

	/**
	 * Makes all present connections half open for good: they stay, and nothing goes
	 * through any more, as after a router lost its state. Later connections work.
	 */
	public void freeze() {
		change(() -> this.connections.forEach((connection) -> connection.frozen = true));
	}

	/**
	 * Ends what servers say on all present connections; what clients say still goes
	 * through, until the server says more.
	 */
	public void halfClose() {
		this.connections.forEach((connection) -> quietly(connection.client::shutdownOutput));
	}

	/** Sends bytes to all present clients, between whatever their servers say. */
	public void inject(byte[] bytes) {
		this.connections.forEach((connection) -> quietly(() -> connection.client.getOutputStream().write(bytes)));
	}

	/**
	 * Lets nothing through, on present connections and on later ones, which are accepted.
	 */
	public void blackhole() {
		change(() -> this.blackhole = true);
	}

	/** Delays everything that is read at once by this time. */
	public void slow(Duration delay) {
		change(() -> this.delay = delay);
	}

	/** Forwards at most so many bytes at once. */
	public void slice(int bytes) {
		this.pieceBytes = bytes;
	}

	/**
	 * Forwards again, also what a black hole held back; what is frozen or cut stays so.
	 */
	public void heal() {
		change(() -> {
			this.refusing = false;
			this.blackhole = false;
			this.delay = Duration.ZERO;
			this.pieceBytes = BUFFER;
		});
	}

	@Override
	public void close() {
		try {
			this.listener.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.connections.forEach(Connection::close);
		change(() -> {
		});
	}

	private void change(Runnable change) {
		this.lock.lock();
		try {
			change.run();
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void accept() throws IOException {
		while (true) {
			Socket client = this.listener.accept();
			if (this.refusing) {
				client.setSoLinger(true, 0);
				client.close();
			}
			else {
				run(() -> connect(client));
			}
		}
	}

	private void connect(Socket client) throws IOException {
		try {
			Connection connection = new Connection(client, new Socket(InetAddress.getLoopbackAddress(), this.target));
			this.connections.add(connection);
			if (this.refusing) {
				// Said while this one was on its way.
				connection.reset();
			}
			run(() -> forward(connection, connection.client, connection.server));
			run(() -> forward(connection, connection.server, connection.client));
		}
		catch (IOException ex) {
			client.setSoLinger(true, 0);
			client.close();
		}
	}

	private void forward(Connection connection, Socket from, Socket to) throws IOException {
		try {
			byte[] bytes = new byte[BUFFER];
			int length = from.getInputStream().read(bytes, 0, this.pieceBytes);
			while (length >= 0) {
				if (from == connection.client) {
					record(bytes, length);
				}
				awaitPassage(connection);
				to.getOutputStream().write(bytes, 0, length);
				length = from.getInputStream().read(bytes, 0, this.pieceBytes);
			}
			awaitPassage(connection);
		}
		finally {
			connection.close();
			this.connections.remove(connection);
		}
	}

	private void record(byte[] bytes, int length) {
		synchronized (this.sent) {
			this.sent.write(bytes, 0, Math.min(length, RECORDED_BYTES - this.sent.size()));
		}
	}

	private void awaitPassage(Connection connection) throws IOException {
		this.lock.lock();
		try {
			long nanos = this.delay.toNanos();
			while (nanos > 0 && !this.delay.isZero()) {
				nanos = this.changed.awaitNanos(nanos);
			}
			while ((this.blackhole || connection.frozen) && !this.listener.isClosed() && !connection.cut) {
				this.changed.await();
			}
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	private static void run(Task task) {
		Thread thread = new Thread(() -> quietly(task), "fault-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	private static void quietly(Task task) {
		try {
			task.run();
		}
		catch (IOException ex) {
			// One of the ends is closed.
		}
	}

	/** What may end with its socket. */
	private interface Task {

		void run() throws IOException;

	}

	/** The two sockets of a connection; each closes with the other. */
	private final class Connection {

		private final Socket client;

		private final Socket server;

		/** Guarded by the proxy's lock. */
		private boolean frozen;

		private boolean cut;

		Connection(Socket client, Socket server) throws IOException {
			this.client = client;
			this.server = server;
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
		}

		void reset() {
			try {
				this.client.setSoLinger(true, 0);
				this.server.setSoLinger(true, 0);
			}
			catch (IOException ex) {
				// It is closed already.
			}
			change(() -> this.cut = true);
			close();
		}

		void close() {
			try {
				this.client.close();
				this.server.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
