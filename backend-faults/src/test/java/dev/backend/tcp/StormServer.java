package dev.backend.tcp;

import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A server that answers at once, late, twice, in bursts, with ids that nobody has asked
 * for, or not at all, and now and then drops its connections.
 */
final class StormServer implements AutoCloseable {

	private static final int BURST = 24;

	private final ScheduledExecutorService late = Executors.newSingleThreadScheduledExecutor();

	private final Random random;

	private final List<Runnable> held = new ArrayList<>();

	private final TestServer server = new TestServer(this::answer);

	private boolean calm;

	StormServer(long seed) {
		this.random = new Random(seed);
	}

	TestServer server() {
		return this.server;
	}

	private synchronized void answer(Socket socket, Frame frame) {
		if (this.calm || frame.kind() != Frame.REQUEST) {
			return;
		}
		int choice = this.random.nextInt(1_000);
		Frame reply = frame.reply(frame.text());
		if (choice < 400) {
			TestServer.send(socket, reply);
		}
		else if (choice < 500) {
			TestServer.send(socket, reply);
			TestServer.send(socket, reply);
		}
		else if (choice < 600) {
			TestServer.send(socket, new Frame(Frame.REPLY, -1 - this.random.nextInt(1_000), "unknown"));
			TestServer.send(socket, reply);
		}
		else if (choice < 700) {
			this.late.schedule(() -> sendQuietly(socket, reply), this.random.nextInt(40), TimeUnit.MILLISECONDS);
		}
		else if (choice < 900) {
			hold(() -> sendQuietly(socket, reply));
		}
		else if (choice >= 999) {
			this.server.dropConnections();
		}
	}

	private void hold(Runnable reply) {
		this.held.add(reply);
		if (this.held.size() == BURST) {
			Collections.shuffle(this.held, this.random);
			this.held.forEach(Runnable::run);
			this.held.clear();
		}
	}

	private static void sendQuietly(Socket socket, Frame reply) {
		try {
			TestServer.send(socket, reply);
		}
		catch (UncheckedIOException ex) {
			// The connection was dropped meanwhile.
		}
	}

	/** Sends nothing more from when this returns. */
	void calm() throws InterruptedException {
		synchronized (this) {
			this.calm = true;
		}
		this.late.shutdown();
		if (!this.late.awaitTermination(TcpFixture.LONG.toSeconds(), TimeUnit.SECONDS)) {
			throw new IllegalStateException("replies are still to be sent");
		}
	}

	@Override
	public void close() {
		this.late.shutdownNow();
		this.server.close();
	}

}
