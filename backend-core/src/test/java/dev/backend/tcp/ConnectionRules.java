package dev.backend.tcp;

import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.SendResult;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What holds of the connections of each service whatever happens, as its handler and its
 * servers see it.
 *
 * <p>
 * Each connection has a number, with which its handler logs in and which the server puts
 * into what it says. So each side sees by which connection something was meant to go.
 */
final class ConnectionRules implements TcpHandler<Frame> {

	/** What a server says to whoever is connected. */
	static final Frame NEWS = Frame.push("news");

	private static final String LOGIN = "login ";

	private static final String WELCOME = "welcome ";

	/** One login of so many fails. */
	private static final int REFUSED = 13;

	/** The connection of each service that is with its callbacks. */
	private final Map<TcpService<Frame>, TcpConnection<Frame>> present = new ConcurrentHashMap<>();

	private final Map<TcpConnection<Frame>, Integer> numbers = new ConcurrentHashMap<>();

	private final List<TcpConnection<Frame>> gone = new CopyOnWriteArrayList<>();

	private final Map<Socket, String> logins = new ConcurrentHashMap<>();

	private final Queue<String> broken = new ConcurrentLinkedQueue<>();

	private final AtomicInteger connected = new AtomicInteger();

	private final AtomicInteger messages = new AtomicInteger();

	private final AtomicInteger disconnected = new AtomicInteger();

	/** Of the one group, once its first connection has begun. */
	private final AtomicReference<@Nullable TcpCounters> counters = new AtomicReference<>();

	private volatile CountDownLatch gate = new CountDownLatch(0);

	/** From now on, what a handler's thread begins waits. */
	void hold() {
		this.gate = new CountDownLatch(1);
	}

	void release() {
		this.gate.countDown();
	}

	/** Runs callbacks, on a handler's thread. */
	void run(Runnable callbacks) {
		pass();
		callbacks.run();
	}

	/** How many connections have ended, once the first one has begun. */
	long disconnects() {
		TcpCounters counters = this.counters.get();
		return (counters != null) ? counters.disconnects() : 0;
	}

	/** How many of them had no callback. */
	long skipped() {
		TcpCounters counters = this.counters.get();
		return (counters != null) ? counters.skippedConnections() : 0;
	}

	/** A server that welcomes whoever logs in, and answers requests. */
	TestServer answeringServer() {
		return new TestServer((socket, frame) -> {
			arrived(socket, frame);
			if (frame.kind() == Frame.REQUEST) {
				TestServer.send(socket, frame.reply(""));
			}
			else if (frame.text().startsWith(LOGIN)) {
				TestServer.send(socket, Frame.push(WELCOME + frame.text().substring(LOGIN.length())));
			}
		});
	}

	TestServer silentServer() {
		return new TestServer(this::arrived);
	}

	private void arrived(Socket socket, Frame frame) {
		boolean login = frame.text().startsWith(LOGIN);
		String before = login ? this.logins.putIfAbsent(socket, frame.text()) : this.logins.get(socket);
		require(login == (before == null), "%s arrived by a connection with the login %s", frame.text(), before);
	}

	private void require(boolean holds, String rule, @Nullable Object... values) {
		if (!holds) {
			this.broken.add(rule.formatted(values));
		}
	}

	private void requirePresent(String callback, TcpConnection<Frame> connection) {
		TcpConnection<Frame> present = this.present.get(connection.service());
		require(present == connection, "%s of %s while %s is present", callback, connection, present);
	}

	private void pass() {
		try {
			this.gate.await();
		}
		catch (InterruptedException ex) {
			this.broken.add("interrupted: " + ex);
		}
	}

	@Override
	public void onConnected(TcpConnection<Frame> connection) {
		int number = this.connected.incrementAndGet();
		this.counters.set(connection.service().counters());
		this.numbers.put(connection, number);
		TcpConnection<Frame> before = this.present.putIfAbsent(connection.service(), connection);
		require(before == null, "onConnected of %s while %s is present", connection, before);
		connection.trySend(Frame.push(LOGIN + number));
		pass();
		requirePresent("onConnected", connection);
		if (number % REFUSED == 0) {
			throw new LoginRefused();
		}
	}

	@Override
	public void onMessage(TcpConnection<Frame> connection, Frame message) {
		this.messages.incrementAndGet();
		requirePresent("onMessage", connection);
		pass();
		String welcome = WELCOME + this.numbers.get(connection);
		// Late replies are messages, too.
		require(message.kind() == Frame.REPLY || message.equals(NEWS) || message.text().equals(welcome),
				"%s came by the connection with %s", message, welcome);
		connection.trySend(Frame.push("thanks"));
		requirePresent("onMessage", connection);
	}

	@Override
	public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
		this.disconnected.incrementAndGet();
		this.gone.add(connection);
		requirePresent("onDisconnected", connection);
		pass();
		requireRefused(connection);
		SendResult result = connection.service().trySend(Frame.push("x"));
		require(result == SendResult.NOT_CONNECTED, "%s by the service in onDisconnected of %s", result, connection);
		requirePresent("onDisconnected", connection);
		this.present.remove(connection.service());
	}

	@Override
	public void onTick(TcpService<Frame> service) {
		pass();
	}

	private void requireRefused(TcpConnection<Frame> connection) {
		SendResult result = connection.trySend(Frame.push("x"));
		require(result == SendResult.NOT_CONNECTED && !connection.isActive(), "%s by %s, which is gone", result,
				connection);
	}

	/** By those whose last callback has begun, whatever their services have by now. */
	void sendByGoneConnections() {
		for (TcpConnection<Frame> connection : this.gone) {
			requireRefused(connection);
			CompletableFuture<Frame> request = connection.request(Frame.request(1, "x"), Duration.ofSeconds(1));
			require(request.isCompletedExceptionally(), "request accepted by %s, which is gone", connection);
		}
	}

	/** When the backend is closed. */
	void check(String description) {
		sendByGoneConnections();
		assertThat(this.broken).as(description).isEmpty();
		assertThat(this.present).as(description).isEmpty();
		assertThat(this.disconnected).as("disconnected, %s", description).hasValue(this.connected.get());
		TcpCounters counters = this.counters.get();
		if (counters != null) {
			check(description, counters);
		}
	}

	private void check(String description, TcpCounters counters) {
		assertThat(counters.disconnects()).as("disconnects, %s", description).isEqualTo(counters.connects());
		assertThat(counters.skippedConnections()).as("skipped, %s", description)
			.isEqualTo(counters.connects() - this.connected.get());
		assertThat(counters.replies() + counters.unhandledMessages() + this.messages.get())
			.as("replies, unhandled and handled messages, %s", description)
			.isEqualTo(counters.receivedMessages());
	}

	/** Without a stack trace: it is logged often. */
	private static final class LoginRefused extends RuntimeException {

		private static final long serialVersionUID = 1L;

		LoginRefused() {
			super("login refused", null, false, false);
		}

	}

}
