package dev.backend.tcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ConnectionLostException;
import dev.backend.RemovalMode;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.test.SlowTest;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The end of a connection comes after what came before it, both ways.
 */
@Timeout(60)
@SlowTest
class TcpEndTests {

	private static final int PUSHES = 300;

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final CountDownLatch release = new CountDownLatch(1);

	private final Queue<String> events = new ConcurrentLinkedQueue<>();

	/** Pauses at 16 messages, for replies, too. */
	private static TcpSettings settings(DispatchMode mode, Duration drainTimeout) {
		TcpLimits limits = TcpLimits.defaults();
		TcpTimings timings = fast().timings();
		return fast().withDispatch(mode)
			.withLimits(limits.withInboundMessages(16).withReadAheadBytes(1))
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), drainTimeout, Duration.ZERO, timings.idQuarantine()));
	}

	/** Answers a request with many messages, then its reply, then the end. */
	private TestServer lastWords(Consumer<Socket> end) {
		return this.tcp.discoveredServer(new TestServer((socket, frame) -> {
			if (frame.kind() == Frame.REQUEST) {
				TestServer.send(socket, pushes(frame.reply("bye")));
				end.accept(socket);
			}
		}));
	}

	/** In one piece, so that all of it has left the server when that goes. */
	private static byte[] pushes(Frame... more) {
		ByteBuf out = Unpooled.buffer();
		for (int i = 0; i < PUSHES; i++) {
			Frame.write(Frame.push("" + i), out);
		}
		for (Frame frame : more) {
			Frame.write(frame, out);
		}
		return ByteBufUtil.getBytes(out);
	}

	private static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Handles nothing until it is released. */
	private TcpHandler<Frame> handler(BiConsumer<TcpConnection<Frame>, Frame> action) {
		return new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				TcpEndTests.this.release.await();
				action.accept(connection, message);
				TcpEndTests.this.events.add("message");
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				TcpEndTests.this.events.add("disconnected");
			}
		};
	}

	@ParameterizedTest
	@EnumSource
	void whenPeerClosesThenWhatHadArrivedIsHandledBeforeTheEnd(DispatchMode mode) throws Exception {
		CountDownLatch closed = new CountDownLatch(1);
		lastWords((socket) -> {
			close(socket);
			closed.countDown();
		});
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(settings(mode, LONG), handler((connection, message) -> {
			})));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, ""), LONG);
		closed.await();
		assertThat(this.events).isEmpty();
		this.release.countDown();
		assertThat(reply).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("bye");
		await().until(() -> this.events.contains("disconnected"));
		assertThat(this.events).hasSize(PUSHES + 1).last().isEqualTo("disconnected");
		assertThat(service.counters().unhandledMessages()).isZero();
		await().until(() -> service.counters().connects() == 2);
	}

	@ParameterizedTest
	@EnumSource
	void whenAClosedConnectionsInstanceIsRemovedThenWhatHadArrivedIsHandledAllTheSame(RemovalMode mode)
			throws Exception {
		lastWords(TcpEndTests::close);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp
			.start(settings(DispatchMode.ORDERED, LONG).withRemoval(mode), handler((connection, message) -> {
			})));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, ""), LONG);
		await().until(() -> service.state() == TcpState.BACKOFF);
		this.tcp.discover();
		// A drain shows nothing before the end.
		await().until(() -> service.withdrawn() || backend.findService("game", "game-1") == null
				|| mode == RemovalMode.DRAIN);
		this.release.countDown();
		await().until(() -> this.events.contains("disconnected"));
		assertThat(this.events).hasSize(PUSHES + 1);
		assertThat(reply).succeedsWithin(LONG);
		await().until(() -> service.state() == TcpState.CLOSED);
	}

	/** Its system answers what it does not read any more with a reset. */
	@Test
	void whenPeerResetsThenWhatHadArrivedIsHandledAndAnswersAreRefused() throws Exception {
		CountDownLatch closed = new CountDownLatch(1);
		lastWords((socket) -> {
			close(socket);
			closed.countDown();
		});
		Queue<SendResult> answers = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings(DispatchMode.ORDERED, LONG),
				handler((connection, message) -> answers.add(connection.trySend(Frame.push("answer"))))));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, ""), LONG);
		closed.await();
		this.release.countDown();
		assertThat(reply).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("bye");
		await().until(() -> this.events.contains("disconnected"));
		assertThat(this.events).hasSize(PUSHES + 1);
		assertThat(answers).last().isEqualTo(SendResult.NOT_CONNECTED);
	}

	/** The loop comes to write before it comes to read. */
	@Test
	void whenAWriteFailsThenWhatHadArrivedIsHandled() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CompletableFuture<Channel> channel = new CompletableFuture<>();
		this.release.countDown();
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(new Frame.Codec(), handler((connection, message) -> {
			}), (builder) -> builder.clientCustomizer(
					(client) -> client.doOnConnected((connection) -> channel.complete(connection.channel())))));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CountDownLatch gone = new CountDownLatch(1);
		channel.get().eventLoop().execute(() -> {
			try {
				gone.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		service.send(Frame.push("first"));
		await().until(() -> !server.connections().isEmpty());
		Socket socket = server.connections().get(0);
		TestServer.send(socket, pushes());
		socket.setSoLinger(true, 0);
		socket.close();
		gone.countDown();
		await().until(() -> this.events.contains("disconnected"));
		assertThat(this.events).hasSize(PUSHES + 1);
		assertThat(service.counters().connects()).isLessThanOrEqualTo(2);
	}

	@Test
	void whenHandlerDoesNotGoOnThenTheRestIsCountedAndItsReplyCompletes() throws Exception {
		lastWords(TcpEndTests::close);
		TcpBackend<Frame> backend = TcpFixture.ready(
				this.tcp.start(settings(DispatchMode.ORDERED, Duration.ofMillis(50)), handler((connection, message) -> {
				})));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, ""), LONG);
		assertThat(reply).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("bye");
		assertThat(service.counters().unhandledMessages()).isPositive();
		this.release.countDown();
		await().until(() -> this.events.contains("disconnected"));
		assertThat(this.events.size() - 1 + service.counters().unhandledMessages()).isEqualTo(PUSHES);
	}

	/** A server that sends all the time, and goes when that fails. */
	private TestServer busyServer(AtomicBoolean stopped, Queue<String> failures) {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		Thread pushing = new Thread(() -> {
			while (!stopped.get()) {
				server.connections().forEach((socket) -> {
					try {
						TestServer.send(socket, Frame.push("again and again"));
					}
					catch (UncheckedIOException ex) {
						failures.add("" + ex.getCause());
						close(socket);
					}
				});
			}
		}, "pushing");
		pushing.setDaemon(true);
		pushing.start();
		return server;
	}

	@Test
	void whenBackendIsClosedThenWhatWasAcceptedArrives() throws Exception {
		AtomicBoolean stopped = new AtomicBoolean();
		Queue<String> failures = new ConcurrentLinkedQueue<>();
		TestServer server = busyServer(stopped, failures);
		for (int round = 1; round <= 5; round++) {
			TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
			TcpService<Frame> service = backend.getService("game", "game-1");
			for (int i = 0; i < 200; i++) {
				service.send(Frame.push("" + i));
			}
			backend.close();
			int all = round * 200;
			await().until(() -> server.received().size() == all);
		}
		stopped.set(true);
		assertNoReset(failures);
	}

	@Test
	void whenInstanceIsRemovedAtOnceThenWhatWasAcceptedArrives() throws Exception {
		AtomicBoolean stopped = new AtomicBoolean();
		Queue<String> failures = new ConcurrentLinkedQueue<>();
		TestServer server = busyServer(stopped, failures);
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withRemoval(RemovalMode.IMMEDIATE), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		for (int i = 0; i < 200; i++) {
			service.send(Frame.push("" + i));
		}
		this.tcp.discover();
		await().until(() -> service.state() == TcpState.CLOSED);
		await().until(() -> server.received().size() + service.counters().rejected() == 200);
		assertThat(server.received()).hasSize(200);
		stopped.set(true);
		assertNoReset(failures);
	}

	/** Lest the peer's end is not seen, and its answers meet a reset. */
	@Test
	void whenTheHandlerGetsAheadAndIsBehindAgainAfterAPlannedEndThenThePeerIsStillRead() throws Exception {
		Semaphore permits = new Semaphore(0);
		AtomicInteger handled = new AtomicInteger();
		TcpHandler<Frame> handler = new TcpHandler<>() {

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				permits.acquire();
				handled.incrementAndGet();
			}

		};
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings(DispatchMode.ORDERED, LONG), handler));
		TcpService<Frame> service = backend.getService("game", "game-1");
		Link<Frame> link = Objects.requireNonNull(service.link());
		await().until(() -> !server.connections().isEmpty());
		TestServer.send(server.connections().get(0), pushes());
		await().until(link::readingPaused);
		Objects.requireNonNull(service.connection()).close("had enough");
		await().until(() -> link.channel().config().isAutoRead());
		int waiting = service.backlog().size();
		permits.release(10);
		// More was decoded, before the last of the ten or after it.
		await().until(() -> handled.get() == 10 && 10 + service.backlog().size() > waiting && link.readingPaused());
		link.channel().eventLoop().submit(() -> {
		}).get();
		assertThat(link.channel().config().isAutoRead()).isTrue();
		permits.release(PUSHES);
		await().until(() -> service.counters().disconnects() == 1);
		assertThat(service.counters().unhandledMessages()).isZero();
	}

	/** The server has closed its sockets itself, when it saw the end. */
	private static void assertNoReset(Queue<String> failures) {
		assertThat(failures).allMatch((failure) -> failure.endsWith("closed"));
	}

	@Test
	void whenTheApplicationClosesAConnectionThenItsReasonIsToldAndNoneAtTheStop() throws Exception {
		this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				TcpEndTests.this.events.add((cause != null) ? String.valueOf(cause.getMessage()) : "none");
			}
		}));
		TcpService<Frame> service = backend.getService("game", "game-1");
		Objects.requireNonNull(service.connection()).close("had enough");
		await().until(() -> service.counters().connects() == 2 && service.state() == TcpState.READY);
		service.reconnect("once more");
		await().until(() -> service.counters().connects() == 3 && service.state() == TcpState.READY);
		backend.close();
		assertThat(this.events).containsExactly(service.config().label() + ": had enough",
				service.config().label() + ": once more", "none");
	}

	@Test
	void whenConnectionIsClosedWithAReasonThenWhatWasAcceptedArrivesAndANewOneFollows() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		TcpService<Frame> service = backend.getService("game", "game-1");
		TcpConnection<Frame> connection = Objects.requireNonNull(service.connection());
		CompletableFuture<Frame> pending = connection.request(Frame.request(1, ""), LONG);
		connection.send(Frame.push("bye"));
		connection.close("had enough");
		await().until(() -> service.counters().connects() == 2 && service.state() == TcpState.READY);
		assertThat(server.received()).extracting(Frame::text).contains("bye");
		assertThat(pending).failsWithin(LONG)
			.withThrowableThat()
			.withCauseInstanceOf(ConnectionLostException.class)
			.withStackTraceContaining("had enough");
		assertThat(connection.isActive()).isFalse();
		assertThat(connection.trySend(Frame.push("late"))).isEqualTo(SendResult.NOT_CONNECTED);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> connection.send(Frame.push("late")))
			.withMessageContaining("game/game-1 at 127.0.0.1:" + server.port())
			.withMessageContaining("is gone");
		connection.close("again");
		connection.markReady();
		service.send(Frame.push("next"));
		await().until(() -> server.received().stream().anyMatch((frame) -> frame.text().equals("next")));
		assertThat(service.counters().connects()).isEqualTo(2);
		assertThat(server.received()).extracting(Frame::text).doesNotContain("late");
	}

	@Test
	void whenPeerTakesNothingThenAPlannedEndComesAllTheSame() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpSettings settings = fast().withLimits(TcpFixture.smallBuffers());
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		server.stopReading();
		String text = "x".repeat(60_000);
		int accepted = 0;
		while (service.queuedMessages() < 100) {
			service.send(Frame.push(text));
			accepted++;
		}
		service.reconnect("test");
		await().until(() -> service.counters().disconnects() == 1);
		assertThat(service.counters().dropped()).isPositive().isLessThan(accepted);
	}

	/** As most servers do. */
	@Test
	void whenAServerRefusesALoginAndClosesThenTheRefusalIsTheReason() {
		Queue<String> reasons = new ConcurrentLinkedQueue<>();
		this.tcp.discoveredServer(new TestServer((socket, frame) -> {
			TestServer.send(socket, frame.reply("no"));
			close(socket);
		}));
		BackendListener listener = new BackendListener() {
			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				reasons.add("listener: " + cause);
			}
		};
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.request(Frame.request(1, "login"), LONG).join();
				await().until(() -> !connection.isActive());
				throw new IllegalStateException("refused");
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				reasons.add("handler: " + cause);
			}
		}, listener);
		await().until(() -> reasons.size() >= 2);
		assertThat(reasons).startsWith("handler: java.lang.IllegalStateException: refused",
				"listener: java.lang.IllegalStateException: refused");
		await().until(() -> backend.getService("game", "game-1").lastFailure() instanceof IllegalStateException);
	}

	@Test
	void whenAConnectionIsClosedThenItTakesNothingFromThatCallOn() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		Queue<Object> results = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				connection.send(Frame.push("logout"));
				connection.close("logged out");
				results.add(connection.isActive());
				results.add(connection.trySend(Frame.push("late")));
				results.add(connection.request(Frame.request(1, "late"), LONG).isCompletedExceptionally());
			}
		}));
		server.sendToAll(Frame.push("go"));
		await().until(() -> results.size() == 3);
		assertThat(results).containsExactly(false, SendResult.NOT_CONNECTED, true);
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.counters().connects() == 2 && service.state() == TcpState.READY);
		assertThat(service.request(Frame.request(2, "next"), LONG)).succeedsWithin(LONG);
		assertThat(server.received()).extracting(Frame::text).containsExactly("logout", "next");
	}

	@Test
	void whenABurstCannotBeWrittenThenItsRequestsFailAndTheConnectionIsMadeAnew() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		AtomicInteger failures = new AtomicInteger();
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(new Frame.Codec(), this.tcp.handler(), (builder) -> builder
				.clientCustomizer((client) -> client.option(ChannelOption.ALLOCATOR, new FailingAllocator(failures)))));
		TcpService<Frame> service = backend.getService("game", "game-1");
		failures.set(1);
		assertThat(service.request(Frame.request(1, "a"), LONG)).failsWithin(LONG)
			.withThrowableThat()
			.withCauseInstanceOf(ConnectionLostException.class)
			.withStackTraceContaining(
					"a burst of messages could not be written: java.lang.OutOfMemoryError: none left");
		await().until(() -> service.counters().connects() == 2 && service.state() == TcpState.READY);
		assertThat(service.request(Frame.request(1, "b"), LONG)).succeedsWithin(LONG)
			.extracting(Frame::text)
			.isEqualTo("b");
	}

	/** Has no direct buffer a number of times. */
	private static final class FailingAllocator extends AbstractByteBufAllocator {

		private final AtomicInteger failures;

		FailingAllocator(AtomicInteger failures) {
			super(true);
			this.failures = failures;
		}

		@Override
		protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
			if (this.failures.getAndUpdate((left) -> Math.max(0, left - 1)) > 0) {
				throw new OutOfMemoryError("none left");
			}
			return UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity);
		}

		@Override
		protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
			return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
		}

		@Override
		public boolean isDirectBufferPooled() {
			return false;
		}

	}

}
