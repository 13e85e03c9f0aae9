package dev.backend.tcp;

import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.discovery.InMemoryDiscovery;
import io.netty.buffer.ByteBuf;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Each {@link DispatchMode} over real connections.
 */
@Timeout(60)
class DispatchModesTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	static {
		Awaitility.setDefaultTimeout(LONG);
	}

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final KeyedCodec codec = new KeyedCodec();

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private TestServer server(TestServer server) {
		this.resources.add(server);
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", server.port()));
		return server;
	}

	private TcpBackend<Frame> build(TcpSettings settings, TcpHandler<Frame> handler,
			UnaryOperator<TcpBackend.Builder> customizer) {
		TcpBackend<Frame> backend = customizer.apply(TcpBackend.builder().discovery(this.discovery).settings(settings))
			.build(this.codec, handler);
		this.resources.add(0, backend);
		backend.start();
		return backend;
	}

	private TcpService<Frame> start(TcpSettings settings, TcpHandler<Frame> handler) throws Exception {
		TcpBackend<Frame> backend = build(settings, handler, (builder) -> builder);
		assertThat(backend.awaitReady(LONG)).isTrue();
		return backend.getService("game", "game-1");
	}

	/** Short back-offs, and no ticks unless a test wants them. */
	private static TcpSettings settings(DispatchMode mode, int inboundMessages, Duration tickInterval) {
		TcpTimings timings = TcpTimings.defaults();
		TcpLimits limits = TcpLimits.defaults();
		return TcpSettings.defaults()
			.withDispatch(mode)
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), Duration.ofMillis(10),
					Duration.ofMillis(50), timings.stableAfter(), Duration.ofSeconds(2), tickInterval))
			.withLimits(new TcpLimits(limits.queuedMessages(), limits.outboundBytes(), limits.pendingRequests(),
					inboundMessages, limits.frameBytes(), limits.concurrentDials()));
	}

	private static TcpSettings settings(DispatchMode mode) {
		return settings(mode, TcpLimits.defaults().inboundMessages(), Duration.ZERO);
	}

	/** Texts are the key, a colon and a number. */
	private static void push(TestServer server, int messages) {
		for (int i = 0; i < messages; i++) {
			server.sendToAll(Frame.push("%d:%d".formatted(i % 5, i)));
		}
	}

	private static String keyOf(Frame frame) {
		return frame.text().substring(0, frame.text().indexOf(':'));
	}

	private static int numberOf(Frame frame) {
		return Integer.parseInt(frame.text().substring(frame.text().indexOf(':') + 1));
	}

	private static void assertOrder(DispatchMode mode, List<Frame> messages) {
		if (mode == DispatchMode.ORDERED) {
			assertThat(messages).extracting(DispatchModesTests::numberOf).isSorted();
		}
		else if (mode == DispatchMode.ORDERED_BY_KEY) {
			for (int key = 0; key < 5; key++) {
				String text = "" + key;
				assertThat(messages).filteredOn((frame) -> keyOf(frame).equals(text))
					.extracting(DispatchModesTests::numberOf)
					.isSorted();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void connectedIsDoneBeforeTheFirstMessageAndDisconnectedComesAfterTheLast(DispatchMode mode) throws Exception {
		TestServer server = server(TestServer.silent());
		CountDownLatch connected = new CountDownLatch(1);
		CountDownLatch handle = new CountDownLatch(1);
		Queue<String> events = new ConcurrentLinkedQueue<>();
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpService<Frame> service) throws Exception {
				if (service.counters().connects() == 1) {
					connected.await();
				}
				events.add("connected");
			}

			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				events.add("begin");
				handle.await();
				events.add("end");
			}

			@Override
			public void onDisconnected(TcpService<Frame> service, @Nullable Throwable cause) {
				events.add("disconnected");
			}
		};
		BackendListener listener = new BackendListener() {
			@Override
			public void onConnected(BackendService service) {
				events.add("listener connected");
			}

			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				events.add("listener disconnected");
			}
		};
		TcpBackend<Frame> backend = build(settings(mode), handler, (builder) -> builder.listener(listener));
		await().until(() -> !server.connections().isEmpty() && backend.findService("game", "game-1") != null);
		TcpService<Frame> service = backend.getService("game", "game-1");
		push(server, 100);
		await().until(() -> service.counters().receivedMessages() == 100);
		assertThat(events).containsExactly("listener connected");
		connected.countDown();
		await().until(() -> events.contains("begin"));
		server.dropConnections();
		await().until(() -> service.counters().connects() == 2);
		push(server, 50);
		await().until(() -> service.counters().receivedMessages() == 150);
		assertThat(events).doesNotContain("end", "disconnected");
		handle.countDown();
		await().until(() -> events.size() == 2 + 200 + 2 + 2 + 100);
		List<String> all = List.copyOf(events);
		assertThat(all.subList(0, 2)).containsExactly("listener connected", "connected");
		assertThat(all.subList(2, 202)).containsOnly("begin", "end");
		assertThat(all.subList(202, 206)).containsExactly("disconnected", "listener disconnected", "listener connected",
				"connected");
		assertThat(all.subList(206, 306)).containsOnly("begin", "end");
	}

	@Test
	void whenKeysAreEqualThenMessagesWaitForEachOtherAndOthersDoNot() throws Exception {
		TestServer server = server(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				if (keyOf(message).equals("0")) {
					release.await();
				}
				super.onMessage(service, message);
			}
		};
		start(settings(DispatchMode.ORDERED_BY_KEY), handler);
		push(server, 500);
		server.sendToAll(Frame.push("none:1"));
		await().until(() -> handler.messages.size() == 401);
		assertThat(handler.messages).extracting(DispatchModesTests::keyOf).doesNotContain("0").contains("none");
		release.countDown();
		await().until(() -> handler.messages.size() == 501);
		assertOrder(DispatchMode.ORDERED_BY_KEY, handler.messages);
	}

	@ParameterizedTest
	@CsvSource({ "CONCURRENT, 0", "ORDERED_BY_KEY, none" })
	void whenOrderIsNotAskedForThenMessagesRunAtTheSameTime(DispatchMode mode, String key) throws Exception {
		TestServer server = server(TestServer.silent());
		CyclicBarrier together = new CyclicBarrier(8);
		CountDownLatch handled = new CountDownLatch(16);
		start(settings(mode), new TcpHandler<>() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				together.await();
				handled.countDown();
			}
		});
		for (int i = 0; i < 16; i++) {
			server.sendToAll(Frame.push(key + ":" + i));
		}
		assertThat(handled.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenHandlersBlockThenReadingPausesAtTheBoundAndGoesOnLater(DispatchMode mode) throws Exception {
		TestServer server = server(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				release.await();
				super.onMessage(service, message);
			}
		};
		TcpService<Frame> service = start(settings(mode, 50, Duration.ZERO), handler);
		int count = 2_000;
		String padding = "0".repeat(20_000);
		CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
			for (int i = 0; i < count; i++) {
				server.sendToAll(Frame.push("%d:%s%d".formatted(i % 5, padding, i)));
			}
		});
		await().until(() -> service.waitingMessages().get() == 50);
		// The server cannot get rid of all of it, because nobody reads.
		await().during(Duration.ofMillis(200)).until(() -> service.waitingMessages().get() == 50 && !sending.isDone());
		assertThat(this.codec.decoded).hasValue(50);
		release.countDown();
		await().until(() -> handler.messages.size() == count);
		assertThat(handler.messages).extracting(DispatchModesTests::numberOf).doesNotHaveDuplicates();
		assertOrder(mode, handler.messages);
		await().until(() -> service.waitingMessages().get() == 0);
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenHandlerBlocksOnItsOwnRequestThenTheReplyComes(DispatchMode mode) throws Exception {
		TestServer server = server(TestServer.echo("re "));
		Queue<String> replies = new ConcurrentLinkedQueue<>();
		start(settings(mode), new TcpHandler<>() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) {
				replies.add(service.request(Frame.request(numberOf(message), message.text()), LONG).join().text());
			}
		});
		push(server, 100);
		await().until(() -> replies.size() == 100);
		assertThat(replies).contains("re 0:0", "re 4:99").doesNotHaveDuplicates();
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenHandlerThrowsThenItIsCountedAndTheNextMessageRuns(DispatchMode mode) throws Exception {
		TestServer server = server(TestServer.silent());
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				super.onMessage(service, message);
				switch (numberOf(message)) {
					case 5 -> throw new IllegalStateException("on purpose");
					case 10 -> throw new StackOverflowError("on purpose");
					case 15 -> throw new Exception("on purpose");
					default -> {
					}
				}
			}
		};
		TcpService<Frame> service = start(settings(mode), handler);
		push(server, 500);
		await().until(() -> handler.messages.size() == 500);
		assertOrder(mode, handler.messages);
		await().until(() -> service.waitingMessages().get() == 0);
		assertThat(service.counters().handlerErrors()).isEqualTo(3);
		assertThat(service.counters().connects()).isEqualTo(1);
	}

	@Test
	void whenOrderKeyThrowsThenMessageIsHandledAloneAndInItsPlace() throws Exception {
		TestServer server = server(TestServer.silent());
		AtomicInteger running = new AtomicInteger();
		Queue<String> errors = new ConcurrentLinkedQueue<>();
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				int others = running.getAndIncrement();
				if (keyOf(message).startsWith("bad") && (others != 0 || this.messages.size() != numberOf(message))) {
					errors.add(message.text());
				}
				super.onMessage(service, message);
				running.decrementAndGet();
			}
		};
		TcpService<Frame> service = start(settings(DispatchMode.ORDERED_BY_KEY), handler);
		for (int i = 0; i < 600; i++) {
			String key = (i % 20 == 3) ? "bad" : (i % 20 == 9) ? "bad hash" : "" + (i % 5);
			server.sendToAll(Frame.push(key + ":" + i));
		}
		await().until(() -> handler.messages.size() == 600);
		assertThat(errors).isEmpty();
		assertOrder(DispatchMode.ORDERED_BY_KEY, handler.messages);
		assertThat(service.counters().handlerErrors()).isEqualTo(60);
		assertThat(service.counters().connects()).isEqualTo(1);
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void ticksRunBesideMessagesOnlyWhereThatIsAllowedAndNeverBesideEachOther(DispatchMode mode) throws Exception {
		TestServer server = server(TestServer.silent());
		TickingHandler handler = new TickingHandler();
		TcpService<Frame> service = start(settings(mode), handler);
		server.sendToAll(Frame.push("0:0"));
		await().until(() -> handler.events.contains("message 0:0"));
		service.tick();
		if (mode != DispatchMode.ORDERED) {
			await().until(() -> handler.events.contains("tick"));
			service.tick();
			service.tick();
			// Behind whatever the ticks have queued.
			server.sendToAll(Frame.push("1:1"));
			await().until(() -> handler.events.contains("message 1:1"));
			handler.messages.countDown();
			await().until(() -> service.waitingMessages().get() == 0);
		}
		await().during(Duration.ofMillis(100))
			.until(() -> handler.count("tick") == ((mode != DispatchMode.ORDERED) ? 1 : 0));
		handler.messages.countDown();
		handler.ticks.countDown();
		await().until(() -> handler.events.contains("tick end"));
		await().until(() -> {
			service.tick();
			return handler.count("tick end") >= 2;
		});
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void ticksNeverRunBesideTheEndOfAConnection(DispatchMode mode) throws Exception {
		TestServer server = server(TestServer.silent());
		TickingHandler handler = new TickingHandler();
		TcpService<Frame> service = start(settings(mode), handler);
		service.tick();
		await().until(() -> handler.events.contains("tick"));
		server.dropConnections();
		await().until(() -> service.counters().disconnects() == 1);
		await().during(Duration.ofMillis(100)).until(() -> !handler.events.contains("disconnected"));
		handler.ticks.countDown();
		await().until(() -> handler.events.contains("disconnected"));
		service.tick();
		await().during(Duration.ofMillis(100)).until(() -> handler.count("tick") == 1);
		handler.disconnects.countDown();
		await().until(() -> handler.count("tick") == 2);
		assertThat(handler.events).containsSubsequence("tick", "tick end", "disconnected", "disconnected end", "tick");
	}

	/** Each kind of callback waits for its latch. */
	private static final class TickingHandler implements TcpHandler<Frame> {

		private final Queue<String> events = new ConcurrentLinkedQueue<>();

		private final CountDownLatch messages = new CountDownLatch(1);

		private final CountDownLatch ticks = new CountDownLatch(1);

		private final CountDownLatch disconnects = new CountDownLatch(1);

		private long count(String event) {
			return this.events.stream().filter(event::equals).count();
		}

		@Override
		public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
			this.events.add("message " + message.text());
			this.messages.await();
		}

		@Override
		public void onTick(TcpService<Frame> service) throws Exception {
			this.events.add("tick");
			this.ticks.await();
			this.events.add("tick end");
		}

		@Override
		public void onDisconnected(TcpService<Frame> service, @Nullable Throwable cause) throws Exception {
			this.events.add("disconnected");
			this.disconnects.await();
			this.events.add("disconnected end");
		}

	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "ORDERED")
	void whenMessageBlocksThenReadyIsToldAndOthersRunAllTheSame(DispatchMode mode) throws Exception {
		TestServer server = server(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		Queue<String> events = new ConcurrentLinkedQueue<>();
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				if (message.text().equals("0:0")) {
					service.markReady();
					release.await();
				}
				events.add(message.text());
			}

			@Override
			public boolean marksReady() {
				return true;
			}
		};
		build(settings(mode), handler, (builder) -> builder.listener(new BackendListener() {
			@Override
			public void onReady(BackendService service) {
				events.add("ready");
			}

			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				events.add("disconnected");
			}
		}));
		server.sendToAll(Frame.push("0:0"));
		await().until(() -> events.contains("ready"));
		server.sendToAll(Frame.push("1:1"));
		await().until(() -> events.contains("1:1"));
		server.dropConnections();
		release.countDown();
		await().until(() -> events.contains("disconnected"));
		assertThat(events).containsSubsequence("ready", "1:1", "0:0", "disconnected");
	}

	@Test
	void whenModeChangesThenItAppliesFromTheNextMessageAndWhatIsQueuedKeepsItsOrder() throws Exception {
		TestServer server = server(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				if (message.text().equals("0:0")) {
					release.await();
				}
				super.onMessage(service, message);
			}
		};
		TcpBackend<Frame> backend = build(settings(DispatchMode.CONCURRENT), handler, (builder) -> builder);
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		push(server, 10);
		await().until(() -> handler.messages.size() == 9);
		backend.settings(backend.settings().withDispatch(DispatchMode.ORDERED));
		for (int i = 10; i < 100; i++) {
			server.sendToAll(Frame.push("ordered:" + i));
		}
		await().until(() -> service.counters().receivedMessages() == 100);
		backend.settings(backend.settings().withDispatch(DispatchMode.ORDERED_BY_KEY));
		for (int i = 100; i < 200; i++) {
			server.sendToAll(Frame.push((i % 5) + ":" + i));
		}
		await().until(() -> service.counters().receivedMessages() == 200);
		assertThat(handler.messages).hasSize(9);
		release.countDown();
		await().until(() -> handler.messages.size() == 200);
		assertThat(handler.messages.subList(10, 100)).extracting(DispatchModesTests::numberOf)
			.isSorted()
			.allMatch((number) -> number >= 10 && number < 100);
		assertOrder(DispatchMode.ORDERED_BY_KEY, handler.messages.subList(100, 200));
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenExecutorIsFullForAWhileThenNothingIsLost(DispatchMode mode) throws Exception {
		TestServer server = server(TestServer.silent());
		ExecutorService pool = Executors.newFixedThreadPool(3);
		this.resources.add(pool::shutdownNow);
		AtomicBoolean full = new AtomicBoolean();
		RecordingHandler handler = new RecordingHandler();
		TcpBackend<Frame> backend = build(settings(mode, 20, Duration.ofMillis(20)), handler,
				(builder) -> builder.handlerExecutor((task) -> {
					if (full.get()) {
						throw new RejectedExecutionException("full");
					}
					pool.execute(task);
				}));
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		full.set(true);
		push(server, 100);
		// Reading is paused: no further message tells that the executor is there again.
		// A tick that was at work by then lends its thread to those that have come.
		await().until(() -> service.waitingMessages().get() == 20
				|| service.waitingMessages().get() + handler.messages.size() == 100);
		full.set(false);
		await().until(() -> handler.messages.size() == 100);
		assertOrder(mode, handler.messages);
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenBackendIsClosedWhileMessagesWaitThenEachIsHandledOnceAndDisconnectedComesLast(DispatchMode mode)
			throws Exception {
		for (long seed = 1; seed <= 8; seed++) {
			closeWhileMessagesWait(mode, new SplittableRandom(seed));
		}
	}

	private void closeWhileMessagesWait(DispatchMode mode, SplittableRandom random) throws Exception {
		TestServer server = server(new TestServer((socket, frame) -> sendForever(socket)));
		int closeAfter = 1 + random.nextInt(3_000);
		RecordingHandler handler = new RecordingHandler() {
			private final AtomicInteger begun = new AtomicInteger();

			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				if (this.begun.incrementAndGet() % 64 == 0) {
					Thread.yield();
				}
				super.onMessage(service, message);
			}
		};
		this.codec.decoded.set(0);
		int threads = 1 + random.nextInt(4);
		TcpBackend<Frame> backend = build(settings(mode, 100 + random.nextInt(900), Duration.ofMillis(1)), handler,
				(builder) -> builder.handlerThreads(threads));
		assertThat(backend.awaitReady(LONG)).isTrue();
		backend.send("game", "game-1", Frame.push("go"));
		await().until(() -> this.codec.decoded.get() >= closeAfter);
		backend.close();
		assertThat(handler.messages).hasSize(this.codec.decoded.get());
		assertThat(handler.messages).extracting(DispatchModesTests::numberOf).doesNotHaveDuplicates();
		assertOrder(mode, handler.messages);
		assertThat(handler.calls).startsWith("connected game-1").endsWith("disconnected game-1");
	}

	private static void sendForever(Socket socket) {
		for (int i = 0;; i++) {
			TestServer.send(socket, Frame.push("%d:%d".formatted(i % 5, i)));
		}
	}

	/** Orders by what stands before the colon; counts what was decoded. */
	private static final class KeyedCodec extends Frame.Codec {

		private final AtomicInteger decoded = new AtomicInteger();

		@Override
		public @Nullable Frame decode(ByteBuf in) throws Exception {
			Frame frame = super.decode(in);
			if (frame != null && frame.kind() == Frame.PUSH) {
				this.decoded.incrementAndGet();
			}
			return frame;
		}

		@Override
		public @Nullable Object orderKey(Frame message) {
			String key = keyOf(message);
			return switch (key) {
				case "bad" -> throw new IllegalStateException("no key");
				case "bad hash" -> new Object() {
					@Override
					public int hashCode() {
						throw new IllegalStateException("no hash");
					}
				};
				case "none" -> null;
				default -> key;
			};
		}

	}

}
