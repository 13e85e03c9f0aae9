package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ConnectionLostException;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.discovery.InstanceFilter;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Parts of the application that throw, or block, in the middle of traffic: what they do
 * harms the message or the connection that it is about, and nothing else. Two services of
 * one backend, on one event loop; the trouble is with game-1.
 */
@Timeout(60)
class ThrowingPartsTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private TestServer troubled;

	private TestServer other;

	private final Queue<String> handled = new ConcurrentLinkedQueue<>();

	private final TcpHandler<Frame> handler = new TcpHandler<>() {
		@Override
		public void onMessage(TcpService<Frame> service, Frame message) {
			ThrowingPartsTests.this.handled.add(service.id() + " " + message.text());
		}
	};

	/** What code can throw that is compiled, linked and run. */
	enum Trouble {

		UNCHECKED(new IllegalStateException("on purpose")), CHECKED(new Exception("on purpose")),
		ASSERTION(new AssertionError("on purpose")), LINKAGE(new NoClassDefFoundError("on purpose")),
		STACK(new StackOverflowError("on purpose"));

		private final Throwable throwable;

		Trouble(Throwable throwable) {
			this.throwable = throwable;
		}

		/** Throws whatever it is, declared or not. */
		<X extends Throwable, T> T strike() throws X {
			@SuppressWarnings("unchecked")
			X undeclared = (X) this.throwable;
			throw undeclared;
		}

	}

	@BeforeEach
	void startServers() {
		this.troubled = this.tcp.server(TestServer.echo(""));
		this.other = this.tcp.server(TestServer.echo(""));
		this.tcp.discover(instance("game-1", this.troubled),
				InMemoryDiscovery.instance("chat", "1", this.other.port()));
	}

	private TcpBackend<Frame> start(MessageCodec<Frame> codec, TcpHandler<Frame> handler) throws Exception {
		return TcpFixture.ready(this.tcp.start(codec, handler, (builder) -> builder.eventLoops(1)));
	}

	private static boolean bad(Frame frame) {
		return bad(frame.text());
	}

	private static boolean bad(String text) {
		return text.startsWith("bad");
	}

	private static CompletableFuture<Frame> request(TcpBackend<Frame> backend, long id, String text) {
		return backend.getService("game", "game-1").request(Frame.request(id, text), LONG);
	}

	private static void assertAnswered(TcpBackend<Frame> backend) {
		await().untilAsserted(
				() -> assertThat(backend.request("game", Route.hash("key"), Frame.request(99, "still here"), LONG))
					.succeedsWithin(LONG)
					.extracting(Frame::text)
					.isEqualTo("still here"));
	}

	/** The other service, on the same loop, has had one connection all along. */
	private static void assertOthersUntouched(TcpBackend<Frame> backend) {
		assertThat(backend.request("chat", Route.any(), Frame.request(98, "untouched"), LONG)).succeedsWithin(LONG)
			.extracting(Frame::text)
			.isEqualTo("untouched");
		assertThat(backend.group("chat").counters().connects()).isOne();
		assertThat(backend.group("chat").counters().disconnects()).isZero();
	}

	private static void assertSameConnection(TcpBackend<Frame> backend) {
		assertAnswered(backend);
		assertThat(backend.group("game").counters().connects()).isOne();
		assertThat(backend.getService("game", "game-1").pendingRequests()).isZero();
		assertOthersUntouched(backend);
	}

	private static void assertRejected(CompletableFuture<Frame> request, Trouble trouble) {
		assertThatExceptionOfType(CompletionException.class).isThrownBy(request::join)
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.ENCODING_FAILED))
			.withMessageContaining("game/game-1 at 127.0.0.1")
			.withMessageContaining("on purpose")
			.withRootCauseInstanceOf(trouble.throwable.getClass());
	}

	@ParameterizedTest
	@EnumSource
	void whenEncodeThrowsHalfWayThenOnlyThatMessageFails(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = start(new Frame.Codec() {
			@Override
			public void encode(Frame message, ByteBuf out) throws Exception {
				super.encode(message, out);
				if (bad(message)) {
					trouble.strike();
				}
			}
		}, this.handler);
		List<CompletableFuture<Frame>> requests = IntStream.range(0, 60)
			.mapToObj((i) -> request(backend, i, (i % 3 == 1) ? "bad" : "good " + i))
			.toList();
		backend.send("game", "game-1", Frame.push("bad push"));
		for (int i = 0; i < 60; i++) {
			if (i % 3 == 1) {
				assertRejected(requests.get(i), trouble);
			}
			else {
				assertThat(requests.get(i)).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("good " + i);
			}
		}
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> backend.broadcast(Frame.push("bad")));
		assertSameConnection(backend);
		assertThat(this.troubled.received()).noneMatch(ThrowingPartsTests::bad);
	}

	@ParameterizedTest
	@EnumSource
	void whenDecodeThrowsThenThatConnectionIsMadeAnewAndWhatCameBeforeIsHandled(Trouble trouble) throws Exception {
		assertDecodingFailureClosesTheConnection(new Frame.Codec() {
			@Override
			public @Nullable Frame decode(ByteBuf in) throws Exception {
				Frame frame = super.decode(in);
				return (frame != null && bad(frame)) ? trouble.strike() : frame;
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void whenTheIdOfAReplyCannotBeReadThenThatConnectionIsMadeAnew(Trouble trouble) throws Exception {
		assertDecodingFailureClosesTheConnection(new Frame.Codec() {
			@Override
			public @Nullable Object responseId(Frame message) {
				return bad(message) ? trouble.strike() : super.responseId(message);
			}
		});
	}

	@Test
	void whenDecodeReleasesItsBufferThenThatConnectionIsMadeAnew() throws Exception {
		assertDecodingFailureClosesTheConnection(new Frame.Codec() {
			@Override
			public @Nullable Frame decode(ByteBuf in) throws Exception {
				Frame frame = super.decode(in);
				if (frame != null && bad(frame)) {
					in.release();
					throw new IllegalStateException("released what is not its own");
				}
				return frame;
			}
		});
	}

	private void assertDecodingFailureClosesTheConnection(MessageCodec<Frame> codec) throws Exception {
		Queue<Throwable> causes = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = start(codec, new TcpHandler<>() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				ThrowingPartsTests.this.handler.onMessage(service, message);
			}

			@Override
			public void onDisconnected(TcpService<Frame> service, @Nullable Throwable cause) {
				causes.add(cause);
			}
		});
		AtomicInteger ends = new AtomicInteger();
		TcpService<Frame> service = backend.getService("game", "game-1");
		// Its answer is bad, and nothing after it is looked at.
		CompletableFuture<Frame> before = request(backend, 1, "good");
		assertThat(before).succeedsWithin(LONG);
		this.troubled.sendToAll(Frame.push("one"));
		this.troubled.sendToAll(Frame.push("two"));
		await().until(() -> this.handled.size() == 2);
		List<CompletableFuture<Frame>> lost = Stream.of("bad", "behind it")
			.map((text) -> service.request(Frame.request(text.length(), text), LONG))
			.toList();
		lost.forEach((request) -> request.whenComplete((reply, failure) -> ends.incrementAndGet()));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> lost.get(0).join())
			.havingCause()
			.isInstanceOf(ConnectionLostException.class)
			.havingCause()
			.isInstanceOf(CodecException.class);
		await().until(() -> lost.get(1).isDone());
		await().until(() -> !causes.isEmpty());
		assertThat(causes.peek()).isInstanceOf(CodecException.class);
		assertAnswered(backend);
		assertThat(ends).hasValue(2);
		assertThat(this.handled).containsExactly("game-1 one", "game-1 two");
		assertThat(backend.group("game").counters().connects()).isEqualTo(2);
		assertOthersUntouched(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheIdOfARequestCannotBeReadThenItsCallerHasTheProblem(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = start(new Frame.Codec() {
			@Override
			public @Nullable Object requestId(Frame message) {
				return bad(message) ? trouble.strike() : super.requestId(message);
			}
		}, this.handler);
		assertThatThrownBy(() -> request(backend, 1, "bad")).isSameAs(trouble.throwable);
		assertSameConnection(backend);
	}

	@ParameterizedTest
	@EnumSource(names = { "UNCHECKED", "STACK" })
	void whenAnIdCannotBeHashedOrComparedThenOnlyThatRequestFails(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = start(new Frame.Codec() {
			@Override
			public @Nullable Object requestId(Frame message) {
				return switch (message.text()) {
					case "bad hash" -> new BadHash(trouble);
					case "bad equals" -> new BadEquals(trouble);
					default -> message.text();
				};
			}

			@Override
			public @Nullable Object responseId(Frame message) {
				return (message.kind() == Frame.REPLY) ? message.text() : null;
			}
		}, this.handler);
		// In one batch, because dependents run on the event loop.
		TcpService<Frame> service = backend.getService("game", "game-1");
		List<CompletableFuture<Frame>> requests = request(backend, 1, "go")
			.thenApply((reply) -> Stream.of("one", "bad hash", "two", "bad equals", "bad equals", "three")
				.map((text) -> service.request(Frame.request(2, text), bad(text) ? Duration.ofMillis(500) : LONG))
				.toList())
			.get(20, TimeUnit.SECONDS);
		assertRejected(requests.get(1), trouble);
		// Nothing was there to compare the first of the two with.
		assertRejected(requests.get(4), trouble);
		for (int good : new int[] { 0, 2, 5 }) {
			assertThat(requests.get(good)).succeedsWithin(LONG);
		}
		assertThat(requests.get(3)).failsWithin(LONG);
		assertOthersUntouched(backend);
		assertThat(backend.group("game").counters().connects()).isOne();
	}

	private record BadHash(Trouble trouble) {

		@Override
		public int hashCode() {
			return this.trouble.strike();
		}

	}

	private record BadEquals(Trouble trouble) {

		@Override
		public boolean equals(Object other) {
			return this.trouble.strike();
		}

		@Override
		public int hashCode() {
			return 0;
		}

	}

	@ParameterizedTest
	@EnumSource
	void whenMessagesCannotBeLoggedThenTheyAreSentAndHandledAllTheSame(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = start(new Frame.Codec() {
			@Override
			public @Nullable Object messageId(Frame message) {
				return bad(message) ? trouble.strike() : "id";
			}
		}, this.handler);
		backend.settings(fast().withLogging(new MessageLogging(MessageLogLevel.DEBUG, Map.of())));
		assertThat(request(backend, 1, "bad")).succeedsWithin(LONG);
		assertThat(backend.broadcast(Frame.push("bad")).allAccepted()).isTrue();
		this.troubled.sendToAll(Frame.push("bad"));
		await().until(() -> this.handled.contains("game-1 bad"));
		assertSameConnection(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenExpectsReplyOrIsPushThrowsThenWhatWaitsBehindItIsNotMismatched(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = start(new Frame.Codec() {
			@Override
			public Correlation correlation() {
				return Correlation.IN_ORDER;
			}

			@Override
			public boolean expectsReply(Frame message) {
				return bad(message) ? trouble.strike() : super.expectsReply(message);
			}

			@Override
			public boolean isPush(Frame message) {
				return message.text().equals("bad push") ? trouble.strike() : message.kind() == Frame.PUSH;
			}
		}, this.handler);
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> first = request(backend, 1, "first");
		service.send(Frame.request(2, "bad"));
		assertThat(request(backend, 3, "third")).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("third");
		assertThat(first).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("first");
		assertSameConnection(backend);
		this.troubled.sendToAll(Frame.push("bad push"));
		await().until(() -> backend.group("game").counters().connects() == 2);
		assertAnswered(backend);
		assertOthersUntouched(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenEveryMethodOfAListenerThrowsThenTheNextListenerHearsAllAndNothingStops(Trouble trouble) throws Exception {
		Queue<String> heard = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), this.handler,
				new Listener((event) -> trouble.strike()), new Listener(heard::add)));
		assertSameConnection(backend);
		this.troubled.dropConnections();
		await().until(() -> backend.group("game").counters().connects() == 2);
		assertAnswered(backend);
		this.tcp.discover(InMemoryDiscovery.instance("chat", "1", this.other.port()));
		this.troubled.stop();
		await().until(() -> heard.contains("removed game-1"));
		assertThat(heard).filteredOn((event) -> event.endsWith("game-1") && !event.contains("bytes"))
			.containsExactly("added game-1", "connected game-1", "ready game-1", "disconnected game-1",
					"connected game-1", "ready game-1", "disconnected game-1", "removed game-1");
		assertThat(heard).contains("bytes sent game-1", "bytes received game-1");
		assertOthersUntouched(backend);
	}

	/** Tells all that it hears. */
	private record Listener(Consumer<String> told) implements BackendListener {

		private void hear(String event, BackendService service) {
			this.told.accept(event + " " + service.id());
		}

		@Override
		public void onAdded(BackendService service) {
			hear("added", service);
		}

		@Override
		public void onRemoved(BackendService service) {
			hear("removed", service);
		}

		@Override
		public void onConnected(BackendService service) {
			hear("connected", service);
		}

		@Override
		public void onReady(BackendService service) {
			hear("ready", service);
		}

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			hear("disconnected", service);
		}

		@Override
		public void onSent(BackendService service, int bytes) {
			hear("bytes sent", service);
		}

		@Override
		public void onReceived(BackendService service, int bytes) {
			hear("bytes received", service);
		}

	}

	static Stream<RequestObserver<Frame>> brokenObservers() {
		return Stream.of(Trouble.values())
			.flatMap((trouble) -> Stream.of((service, message) -> trouble.strike(),
					(service, message) -> (outcome, failure, nanos) -> trouble.strike(),
					(service, message) -> new RequestObservation<>() {
						@Override
						public Frame message(Frame message) {
							return trouble.strike();
						}

						@Override
						public void ended(RequestOutcome outcome, @Nullable Throwable failure, long nanos) {
							trouble.strike();
						}
					}));
	}

	@ParameterizedTest
	@MethodSource("brokenObservers")
	void whenAnObserverOfRequestsThrowsThenTheyEndAllTheSameAndTheOthersAreTold(RequestObserver<Frame> broken)
			throws Exception {
		AtomicInteger told = new AtomicInteger();
		RequestObserver<Frame> counting = (service, message) -> (outcome, failure, nanos) -> told.incrementAndGet();
		TestServer silent = this.tcp.server(TestServer.silent());
		this.tcp.discover(instance("game-1", silent), InMemoryDiscovery.instance("chat", "1", this.other.port()));
		TcpBackend<Frame> backend = start(new Frame.Codec(), this.handler);
		backend.observeRequests(broken);
		assertThat(backend.request("chat", Route.any(), Frame.request(1, "alone"), LONG)).succeedsWithin(LONG);
		backend.observeRequests(counting);
		backend.observeRequests(broken);
		assertThat(backend.request("chat", Route.any(), Frame.request(1, "x"), LONG)).succeedsWithin(LONG);
		List<CompletableFuture<Frame>> lost = IntStream.range(0, 10)
			.mapToObj((i) -> request(backend, i, "never answered"))
			.toList();
		await().until(() -> silent.received().size() == 10);
		silent.dropConnections();
		lost.forEach((request) -> assertThat(request).failsWithin(LONG)
			.withThrowableThat()
			.withCauseInstanceOf(ConnectionLostException.class));
		assertThat(told).hasValue(11);
		await().until(() -> backend.group("game").counters().connects() == 2);
		assertOthersUntouched(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheFactoryOfAnInfoThrowsThenThatServiceHasNone(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(new Frame.Codec(), this.handler, (builder) -> builder
				.infoFactory((config) -> config.id().equals("game-1") ? trouble.strike() : "info")));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> backend.getService("game", "game-1").info(String.class))
			.withMessageContaining("game/game-1")
			.withMessageContaining("none (expected: java.lang.String)");
		assertThat(backend.getService("chat", "1").info(String.class)).isEqualTo("info");
		assertSameConnection(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheFilterThrowsForAnEntryThenOnlyThatIsLeftOutUntilItDoesNot(Trouble trouble) throws Exception {
		TestServer late = this.tcp.server(TestServer.echo(""));
		AtomicInteger calls = new AtomicInteger();
		InstanceFilter tcp = InstanceFilter.forSchemes(List.of("tcp"));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(new Frame.Codec(), this.handler,
				(builder) -> builder.filter((instance) -> instance.id().equals("game-2") && calls.incrementAndGet() == 1
						? trouble.strike() : tcp.map(instance))));
		Runnable snapshot = () -> this.tcp.discover(instance("game-2", late), instance("game-1", this.troubled),
				InMemoryDiscovery.instance("chat", "1", this.other.port()),
				InMemoryDiscovery.instance("chat", "2", this.other.port()));
		snapshot.run();
		await().until(() -> backend.findService("chat", "2") != null);
		assertThat(calls).hasValue(1);
		assertThat(backend.findService("game", "game-2")).isNull();
		snapshot.run();
		await().until(() -> backend.findService("game", "game-2") != null);
		assertThat(backend.awaitReady(LONG)).isTrue();
		assertAnswered(backend);
		assertThat(backend.group("chat").counters().disconnects()).isZero();
	}

	@ParameterizedTest
	@EnumSource
	void whenTicksThrowThenTheyAreCountedAndTicksAndMessagesGoOn(Trouble trouble) throws Exception {
		CountDownLatch ticks = new CountDownLatch(5);
		TcpBackend<Frame> backend = start(new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onTick(TcpService<Frame> service) {
				if (service.id().equals("game-1")) {
					ticks.countDown();
					trouble.strike();
				}
			}

			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				ThrowingPartsTests.this.handler.onMessage(service, message);
			}
		});
		assertThat(ticks.await(20, TimeUnit.SECONDS)).isTrue();
		this.troubled.sendToAll(Frame.push("x"));
		await().until(() -> this.handled.contains("game-1 x"));
		assertThat(backend.group("game").counters().handlerErrors()).isGreaterThanOrEqualTo(4);
		assertThat(backend.group("chat").counters().handlerErrors()).isZero();
		assertSameConnection(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheEndsOfConnectionsAreHandledBadlyThenNewOnesAreMade(Trouble trouble) throws Exception {
		AtomicInteger connected = new AtomicInteger();
		TcpBackend<Frame> backend = start(new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpService<Frame> service) {
				if (service.id().equals("game-1") && connected.incrementAndGet() <= 2) {
					trouble.strike();
				}
			}

			@Override
			public void onDisconnected(TcpService<Frame> service, @Nullable Throwable cause) {
				trouble.strike();
			}
		});
		assertAnswered(backend);
		assertThat(backend.group("game").counters().connects()).isEqualTo(3);
		assertThat(backend.group("game").counters().handlerErrors()).isEqualTo(4);
		assertOthersUntouched(backend);
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenTheHandlerOfOneServiceBlocksThenTheOthersGoOnAndItsOwnRequestsToo(DispatchMode mode) throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		TcpLimits limits = new TcpLimits(100, 1 << 20, 100, 10, 1 << 20, 64);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				if (service.id().equals("game-1")) {
					release.await();
				}
				ThrowingPartsTests.this.handler.onMessage(service, message);
			}
		}, (builder) -> builder.eventLoops(1).settings(fast().withLimits(limits).withDispatch(mode))));
		for (int i = 0; i < 9; i++) {
			this.troubled.sendToAll(Frame.push("" + i));
		}
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.waitingMessages().get() == 9);
		// Its replies do not wait behind what it blocks on.
		assertAnswered(backend);
		for (int i = 9; i < 100; i++) {
			this.troubled.sendToAll(Frame.push("" + i));
		}
		await().until(() -> service.waitingMessages().get() == 10);
		for (int i = 0; i < 100; i++) {
			this.other.sendToAll(Frame.push("" + i));
		}
		await().until(() -> this.handled.size() == 100);
		assertThat(this.handled).allMatch((message) -> message.startsWith("1 "));
		assertThat(service.waitingMessages()).hasValue(10);
		release.countDown();
		await().until(() -> this.handled.size() == 200);
		if (mode == DispatchMode.ORDERED) {
			assertThat(this.handled).filteredOn((message) -> message.startsWith("game-1 "))
				.containsExactlyElementsOf(IntStream.range(0, 100).mapToObj((i) -> "game-1 " + i).toList());
		}
		assertSameConnection(backend);
	}

}
