package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ConnectionLostException;
import dev.backend.RemovalMode;
import dev.backend.RequestTimeoutException;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * {@link TcpBackend} against real servers on real sockets.
 */
@Timeout(60)
class TcpBackendTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static final Duration LONG = Duration.ofSeconds(20);

	static {
		Awaitility.setDefaultTimeout(LONG);
		Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
	}

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final RecordingHandler handler = new RecordingHandler();

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private TestServer server(TestServer server) {
		this.resources.add(server);
		return server;
	}

	private TcpBackend<Frame> start(TcpSettings settings, MessageCodec<Frame> codec, TcpHandler<Frame> handler,
			BackendListener... listeners) {
		TcpBackend.Builder builder = TcpBackend.builder().discovery(this.discovery).settings(settings);
		for (BackendListener listener : listeners) {
			builder.listener(listener);
		}
		TcpBackend<Frame> backend = builder.infoFactory((config) -> new AtomicInteger()).build(codec, handler);
		this.resources.add(0, backend);
		backend.start();
		return backend;
	}

	private TcpBackend<Frame> start() {
		return start(fast(), new Frame.Codec(), this.handler);
	}

	/** The defaults, but for short back-offs. */
	private static TcpSettings fast() {
		TcpTimings timings = TcpTimings.defaults();
		return TcpSettings.defaults()
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), Duration.ofMillis(10),
					Duration.ofMillis(50), timings.stableAfter(), Duration.ofSeconds(2), Duration.ofMillis(20)));
	}

	private TcpBackend<Frame> startWith(DiscoveredInstance... instances) throws Exception {
		this.discovery.set(instances);
		TcpBackend<Frame> backend = start();
		assertThat(backend.awaitReady(LONG)).isTrue();
		return backend;
	}

	private static DiscoveredInstance instance(String id, TestServer server, String... tags) {
		return InMemoryDiscovery.instance("game", id, server.port(), tags);
	}

	@Test
	void whenInstancesAreDiscoveredThenEachIsConnectedAndFoundByIdAndRoute() throws Exception {
		TestServer one = server(TestServer.echo("one "));
		TestServer two = server(TestServer.echo("two "));
		TcpBackend<Frame> backend = startWith(instance("Game-1", one, "EU"), instance(" game-2", two, "us"));
		assertThat(backend.groups()).containsOnlyKeys("game");
		assertThat(backend.group("GAME ").services()).extracting(TcpService::id)
			.containsExactlyInAnyOrder("game-1", "game-2");
		assertThat(backend.getService("game", "GAME-1").state()).isEqualTo(TcpState.READY);
		assertThat(backend.select("game", Route.hash("k").tag("EU ")).id()).isEqualTo("game-1");
		assertThat(backend.select("game", Route.hash("k").tag("us")).id()).isEqualTo("game-2");
		assertThat(backend.find("game", Route.hash("k").tag("asia"))).isNull();
		assertThat(backend.findService("game", "game-9")).isNull();
		assertThat(backend.findGroup("chat")).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.group("chat"))
			.withMessageContaining("'chat'")
			.withMessageContaining("game");
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.select("game", Route.any().tag("asia")))
			.withMessageContaining("2 known")
			.withMessageContaining("READY");
	}

	@Test
	void whenRequestIsSentThenItsReplyCompletesIt() throws Exception {
		TcpBackend<Frame> backend = startWith(instance("game-1", server(TestServer.echo("hi "))));
		assertThat(backend.request("game", Route.any(), Frame.request(1, "bob"), LONG).get().text())
			.isEqualTo("hi bob");
		assertThat(backend.request("game", "game-1", Frame.request(2, "eve"), LONG).get().text()).isEqualTo("hi eve");
		await().until(() -> backend.group("game").counters().replies() == 2);
		assertThat(this.handler.messages).isEmpty();
	}

	@Test
	void whenManyRequestsAreInFlightThenEachGetsItsOwnReply() throws Exception {
		TcpBackend<Frame> backend = startWith(instance("game-1", server(TestServer.echo(""))));
		List<CompletableFuture<Frame>> replies = new ArrayList<>();
		for (int i = 0; i < 5_000; i++) {
			replies.add(backend.request("game", Route.any(), Frame.request(i * 31L, "m" + i), LONG));
		}
		for (int i = 0; i < replies.size(); i++) {
			assertThat(replies.get(i).get()).isEqualTo(new Frame(Frame.REPLY, i * 31L, "m" + i));
		}
		assertThat(backend.getService("game", "game-1").pendingRequests()).isZero();
	}

	@Test
	void whenIdIsNoNumberOrNamedByTheCallerThenReplyIsFoundAllTheSame() throws Exception {
		this.discovery.set(instance("game-1", server(TestServer.echo(""))));
		MessageCodec<Frame> codec = new Frame.Codec() {
			@Override
			public @Nullable Object requestId(Frame message) {
				return null;
			}

			@Override
			public @Nullable Object responseId(Frame message) {
				return "id-" + message.id();
			}
		};
		TcpBackend<Frame> backend = start(fast(), codec, this.handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		assertThat(service.request("id-7", Frame.request(7, "x"), LONG).get().text()).isEqualTo("x");
		assertThatIllegalArgumentException().isThrownBy(() -> service.request(Frame.request(7, "x"), LONG))
			.withMessageContaining("game/game-1 at 127.0.0.1")
			.withMessageContaining("requestId");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> service.request("id", Frame.request(7, "x"), Duration.ZERO))
			.withMessageContaining("PT0S (expected: > 0)");
	}

	@Test
	void whenNoReplyComesThenRequestTimesOutAndLateReplyGoesToTheHandler() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = server(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("late")))));
		TcpBackend<Frame> backend = startWith(instance("game-1", server));
		CompletableFuture<Frame> reply = backend.request("game", Route.any(), Frame.request(5, "x"),
				Duration.ofMillis(30));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(reply::join)
			.havingCause()
			.isInstanceOfSatisfying(RequestTimeoutException.class, (ex) -> assertThat(ex.written()).isTrue())
			.withMessageContaining("game/game-1 at 127.0.0.1");
		assertThat(answer).succeedsWithin(LONG);
		answer.get().run();
		await().untilAsserted(() -> assertThat(this.handler.messages).extracting(Frame::text).containsExactly("late"));
		assertThat(backend.group("game").counters().unmatchedReplies()).isEqualTo(1);
		await().until(() -> backend.group("game").counters().timeouts() == 1);
	}

	@Test
	void whenIdIsPendingThenSecondRequestWithItIsRejectedAndFirstGoesOn() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = server(new TestServer(
				(socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("first")))));
		TcpBackend<Frame> backend = startWith(instance("game-1", server));
		CompletableFuture<Frame> first = backend.request("game", Route.any(), Frame.request(9, "a"), LONG);
		CompletableFuture<Frame> second = backend.request("game", Route.any(), Frame.request(9, "b"), LONG);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(second::join)
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.DUPLICATE_REQUEST_ID))
			.withMessageContaining("9");
		assertThat(answer).succeedsWithin(LONG);
		answer.get().run();
		assertThat(first.get().text()).isEqualTo("first");
		assertThat(server.received()).extracting(Frame::text).containsExactly("a");
	}

	@Test
	void whenConnectionIsLostThenPendingRequestFailsAndServiceReconnects() throws Exception {
		TestServer server = server(TestServer.silent());
		TcpBackend<Frame> backend = startWith(instance("game-1", server));
		CompletableFuture<Frame> reply = backend.request("game", Route.any(), Frame.request(1, "x"), LONG);
		await().until(() -> !server.received().isEmpty());
		server.dropConnections();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(reply::join)
			.havingCause()
			.isInstanceOfSatisfying(ConnectionLostException.class, (ex) -> assertThat(ex.written()).isTrue());
		await().until(() -> backend.group("game").counters().connects() == 2);
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().untilAsserted(() -> assertThat(this.handler.calls).containsExactly("connected game-1",
				"disconnected game-1", "connected game-1"));
	}

	@Test
	void whenServerDisappearsThenKeyMovesToNextOwnerAndBack() throws Exception {
		TestServer one = server(TestServer.echo("game-1"));
		TestServer two = server(TestServer.echo("game-2"));
		TcpBackend<Frame> backend = startWith(instance("game-1", one), instance("game-2", two));
		Route route = Route.hash("user-1");
		String owner = backend.select("game", route).id();
		String other = owner.equals("game-1") ? "game-2" : "game-1";
		TestServer owning = owner.equals("game-1") ? one : two;
		for (int i = 0; i < 100; i++) {
			assertThat(backend.request("game", route, Frame.request(i, ""), LONG).get().text()).isEqualTo(owner);
		}
		owning.stop();
		await().until(() -> backend.select("game", route).id().equals(other));
		assertThat(backend.request("game", route, Frame.request(1, ""), LONG).get().text()).isEqualTo(other);
		owning.restart();
		await().until(() -> backend.select("game", route).id().equals(owner));
		assertThat(backend.request("game", route, Frame.request(1, ""), LONG).get().text()).isEqualTo(owner);
	}

	@Test
	void whenRouteTriesNextOwnersThenRefusedSendGoesToOneOfThem() throws Exception {
		TestServer one = server(TestServer.echo(""));
		TestServer two = server(TestServer.echo(""));
		this.discovery.set(instance("game-1", one), instance("game-2", two));
		TcpSettings settings = fast().withLimits(new TcpLimits(1, 1 << 20, 10, 10, 64, 64));
		TcpBackend<Frame> backend = start(settings, new Frame.Codec(), this.handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		Route route = Route.hash("k");
		TcpService<Frame> owner = backend.select("game", route);
		owner.close();
		// The rings may still name the closed owner; the second try does not.
		assertThat(backend.request("game", route.tries(2), Frame.request(1, "x"), LONG)
			.handle((reply, ex) -> (ex == null) || ex instanceof ConnectionLostException)
			.get()).isTrue();
		await().until(() -> owner.state() == TcpState.CLOSED);
		assertThat(backend.request("game", route.tries(2), Frame.request(2, "x"), LONG).get().text()).isEqualTo("x");
	}

	@Test
	void whenInstanceIsGoneFromDiscoveryThenItStaysWhileConnectedAndGoesWithItsConnection() throws Exception {
		TestServer one = server(TestServer.echo(""));
		TestServer two = server(TestServer.echo(""));
		TcpBackend<Frame> backend = startWith(instance("game-1", one), instance("game-2", two));
		TcpService<Frame> first = backend.getService("game", "game-1");
		String connection = first.connectionName();
		this.discovery.set(instance("game-2", two));
		await().until(first::withdrawn);
		assertThat(backend.group("game").routing().members()).contains(first);
		this.discovery.set(instance("game-1", one), instance("game-2", two));
		await().until(() -> !first.withdrawn());
		assertThat(backend.getService("game", "game-1")).isSameAs(first);
		assertThat(first.connectionName()).isEqualTo(connection);
		this.discovery.set(instance("game-2", two));
		await().until(first::withdrawn);
		one.dropConnections();
		await().until(() -> backend.findService("game", "game-1") == null);
		assertThat(first.state()).isEqualTo(TcpState.CLOSED);
		assertThat(first.trySend(Frame.push("x"))).isEqualTo(SendResult.NOT_CONNECTED);
	}

	@Test
	void whenUnconnectedInstanceIsGoneFromDiscoveryThenItGoesAtOnce() throws Exception {
		TestServer one = server(TestServer.echo(""));
		one.stop();
		TestServer two = server(TestServer.echo(""));
		this.discovery.set(instance("game-1", one), instance("game-2", two));
		TcpBackend<Frame> backend = start();
		await().until(() -> backend.group("game").counters().dialFailures() > 0);
		assertThat(backend.getService("game", "game-1").lastFailure()).isNotNull();
		this.discovery.set(instance("game-2", two));
		await().until(() -> backend.findService("game", "game-1") == null);
	}

	@Test
	void whenRemovalIsImmediateThenInstanceGoneFromDiscoveryIsClosedAtOnce() throws Exception {
		TestServer one = server(TestServer.echo(""));
		this.discovery.set(instance("game-1", one));
		TcpBackend<Frame> backend = start(fast().withRemoval(RemovalMode.IMMEDIATE), new Frame.Codec(), this.handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		this.discovery.set();
		await().until(() -> backend.findGroup("game") == null);
		await().until(() -> one.connections().isEmpty());
		assertThat(service.state()).isEqualTo(TcpState.CLOSED);
	}

	@Test
	void whenRemovalDrainsThenPendingRequestFinishesFirst() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = server(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("done")))));
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = start(fast().withRemoval(RemovalMode.DRAIN), new Frame.Codec(), this.handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "x"), LONG);
		assertThat(answer).succeedsWithin(LONG);
		this.discovery.set();
		await().until(() -> service.state() == TcpState.DRAINING);
		await().until(() -> backend.find("game", Route.any()) == null);
		assertThat(reply).isNotDone();
		answer.get().run();
		assertThat(reply.get().text()).isEqualTo("done");
		await().until(() -> service.state() == TcpState.CLOSED);
		await().until(() -> backend.findGroup("game") == null);
	}

	@Test
	void whenAddressChangesThenNewConnectionIsMadeBeforeTheOldOneGoesAndInfoIsKept() throws Exception {
		TestServer before = server(TestServer.echo("before"));
		TestServer after = server(TestServer.echo("after"));
		after.stop();
		TcpBackend<Frame> backend = startWith(instance("game-1", before));
		TcpService<Frame> old = backend.getService("game", "game-1");
		old.info(AtomicInteger.class).set(42);
		this.discovery.set(instance("game-1", after));
		await().until(() -> backend.group("game").counters().dialFailures() > 0);
		assertThat(backend.request("game", Route.any(), Frame.request(1, ""), LONG).get().text()).isEqualTo("before");
		after.restart();
		await().until(() -> backend.getService("game", "game-1") != old);
		TcpService<Frame> moved = backend.getService("game", "game-1");
		assertThat(moved.info(AtomicInteger.class)).hasValue(42);
		await()
			.until(() -> backend.request("game", Route.any(), Frame.request(1, ""), LONG).get().text().equals("after"));
		await().until(() -> before.connections().isEmpty());
		assertThat(old.state()).isEqualTo(TcpState.CLOSED);
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> moved.info(String.class))
			.withMessageContaining("AtomicInteger")
			.withMessageContaining("java.lang.String");
	}

	@Test
	void whenTagsChangeThenRingsFollowAndConnectionStays() throws Exception {
		TestServer server = server(TestServer.echo(""));
		TcpBackend<Frame> backend = startWith(instance("game-1", server, "eu"));
		TcpService<Frame> service = backend.getService("game", "game-1");
		String connection = service.connectionName();
		this.discovery.set(instance("game-1", server, "us", "asia"));
		await().until(() -> backend.find("game", Route.any().tag("asia")) == service);
		assertThat(backend.find("game", Route.any().tag("eu"))).isNull();
		assertThat(service.connectionName()).isEqualTo(connection);
		assertThat(service.config().tags()).containsExactlyInAnyOrder("us", "asia");
	}

	@Test
	void whenMessagesArriveThenHandlerGetsThemInOrderAndGoesOnAfterAnException() throws Exception {
		TestServer server = server(TestServer.silent());
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				super.onMessage(service, message);
				if (message.text().equals("3")) {
					throw new IllegalStateException("on purpose");
				}
			}
		};
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = start(fast(), new Frame.Codec(), handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		List<String> sent = new ArrayList<>();
		for (int i = 0; i < 3_000; i++) {
			sent.add("" + i);
			server.sendToAll(Frame.push("" + i));
		}
		await().until(() -> handler.messages.size() == sent.size());
		assertThat(handler.messages).extracting(Frame::text).isEqualTo(sent);
		assertThat(backend.group("game").counters().handlerErrors()).isEqualTo(1);
		assertThat(backend.group("game").counters().connects()).isEqualTo(1);
	}

	@Test
	void whenHandlerBlocksOnItsOwnRequestThenTheReplyStillComes() throws Exception {
		TestServer server = server(TestServer.echo("reply to "));
		CompletableFuture<String> result = new CompletableFuture<>();
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = start(fast(), new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) {
				result.complete(service.request(Frame.request(1, message.text()), LONG).join().text());
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		server.sendToAll(Frame.push("push"));
		assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo("reply to push");
	}

	@Test
	void whenHandlerIsBehindThenReadingPausesAndNothingIsLost() throws Exception {
		TestServer server = server(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				release.await();
				super.onMessage(service, message);
			}
		};
		this.discovery.set(instance("game-1", server));
		TcpSettings settings = fast().withLimits(new TcpLimits(100, 1 << 20, 100, 50, 1 << 20, 64));
		TcpBackend<Frame> backend = start(settings, new Frame.Codec(), handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		int count = 4_000;
		String text = "x".repeat(10_000);
		CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
			for (int i = 0; i < count; i++) {
				server.sendToAll(Frame.push(i + text));
			}
		});
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.waitingMessages().get() == 50);
		// The server cannot get rid of all of it, because nobody reads.
		await().during(Duration.ofMillis(200)).until(() -> service.waitingMessages().get() == 50 && !sending.isDone());
		release.countDown();
		await().until(() -> handler.messages.size() == count);
		for (int i = 0; i < count; i++) {
			assertThat(handler.messages.get(i).text()).startsWith(i + "x");
		}
		assertThat(service.waitingMessages()).hasValue(0);
	}

	@Test
	void whenPeerDoesNotReadThenSendsAreRefusedByNameAndMemoryIsBounded() throws Exception {
		TestServer server = server(TestServer.silent());
		TcpSettings settings = fast().withLimits(new TcpLimits(100, 1 << 20, 100, 50, 1 << 20, 64));
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = start(settings, new Frame.Codec(), this.handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		server.stopReading();
		TcpService<Frame> service = backend.getService("game", "game-1");
		Frame large = Frame.push("x".repeat(100_000));
		await().pollInterval(Duration.ofMillis(1)).until(() -> service.trySend(large) == SendResult.QUEUE_FULL);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> {
			while (true) {
				service.send(large);
			}
		}).withMessageContaining("game/game-1 at 127.0.0.1").withMessageContaining("queue of waiting messages full");
		assertThat(service.queuedMessages()).isLessThanOrEqualTo(200);
		server.resumeReading();
		await().until(() -> service.trySend(Frame.push("after")).accepted());
		await().until(() -> server.received().stream().anyMatch((frame) -> frame.text().equals("after")));
	}

	@Test
	void whenRequestTimesOutBeforeItIsWrittenThenItIsNeverWritten() throws Exception {
		TestServer server = server(TestServer.silent());
		this.discovery.set(instance("game-1", server));
		TcpSettings settings = fast().withLimits(new TcpLimits(1_000, 64 << 10, 100, 50, 1 << 20, 64));
		TcpBackend<Frame> backend = start(settings, new Frame.Codec(), this.handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		server.stopReading();
		TcpService<Frame> service = backend.getService("game", "game-1");
		Frame large = Frame.push("x".repeat(100_000));
		await().pollInterval(Duration.ofMillis(1)).until(() -> {
			service.trySend(large);
			return service.queuedMessages() > 100;
		});
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "too late"), Duration.ofMillis(50));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(reply::join)
			.havingCause()
			.isInstanceOfSatisfying(RequestTimeoutException.class, (ex) -> assertThat(ex.written()).isFalse());
		server.resumeReading();
		await().until(() -> service.trySend(Frame.push("after")).accepted());
		await().until(() -> server.received().stream().anyMatch((frame) -> frame.text().equals("after")));
		assertThat(server.received()).extracting(Frame::text).doesNotContain("too late");
	}

	@Test
	void whenCodecFailsToDecodeThenConnectionIsClosedAndMadeAgain() throws Exception {
		TestServer server = server(TestServer.echo(""));
		CopyOnWriteArrayList<@Nullable Throwable> causes = new CopyOnWriteArrayList<>();
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = start(fast(), new Frame.Codec(), this.handler, new BackendListener() {
			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				causes.add(cause);
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().until(() -> !server.connections().isEmpty());
		server.connections().forEach((socket) -> TestServer.send(socket, new byte[] { 0, 0, 0, 1, 1 }));
		await().until(() -> backend.group("game").counters().connects() == 2);
		await().until(() -> causes.size() == 1);
		assertThat(causes.get(0)).isInstanceOf(CodecException.class)
			.hasMessageContaining("length: 1 (expected: at least 9)");
		await().untilAsserted(
				() -> assertThat(backend.request("game", Route.any(), Frame.request(1, "x"), LONG).get().text())
					.isEqualTo("x"));
	}

	@Test
	void whenFrameIsOverTheLimitThenItIsRefusedAndOthersAreNotHarmed() throws Exception {
		TestServer server = server(TestServer.echo(""));
		this.discovery.set(instance("game-1", server));
		CopyOnWriteArrayList<@Nullable Throwable> causes = new CopyOnWriteArrayList<>();
		TcpSettings settings = fast().withLimits(new TcpLimits(100, 1 << 20, 100, 50, 100, 64));
		TcpBackend<Frame> backend = start(settings, new Frame.Codec(), this.handler, new BackendListener() {
			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				causes.add(cause);
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> large = service.request(Frame.request(1, "x".repeat(88)), LONG);
		CompletableFuture<Frame> small = service.request(Frame.request(2, "x".repeat(87)), LONG);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(large::join)
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.FRAME_TOO_LARGE))
			.withMessageContaining("101 bytes (expected: at most 100)");
		assertThat(small.get().text()).hasSize(87);
		assertThat(service.trySendBytes(new byte[101])).isEqualTo(SendResult.FRAME_TOO_LARGE);
		server.sendToAll(Frame.push("x".repeat(200)));
		await().until(() -> causes.size() == 1);
		assertThat(causes.get(0)).isInstanceOf(CodecException.class)
			.hasMessageContaining("game/game-1 at 127.0.0.1")
			.hasMessageContaining("expected: at most 100");
		await().until(() -> backend.group("game").counters().connects() == 2);
	}

	@Test
	void whenCodecFailsToEncodeThenOnlyThatMessageFails() throws Exception {
		TestServer server = server(TestServer.echo(""));
		this.discovery.set(instance("game-1", server));
		MessageCodec<Frame> codec = new Frame.Codec() {
			@Override
			public void encode(Frame message, ByteBuf out) throws Exception {
				super.encode(message, out);
				if (message.text().equals("bad")) {
					throw new IllegalStateException("on purpose");
				}
			}
		};
		TcpBackend<Frame> backend = start(fast(), codec, this.handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		service.send(Frame.request(0, "bad"));
		CompletableFuture<Frame> bad = service.request(Frame.request(1, "bad"), LONG);
		CompletableFuture<Frame> good = service.request(Frame.request(1, "good"), LONG);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(bad::join)
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.ENCODING_FAILED))
			.withMessageContaining("on purpose");
		assertThat(good.get().text()).isEqualTo("good");
		assertThat(server.received()).extracting(Frame::text).containsExactly("good");
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> backend.broadcast(Frame.push("bad")));
		assertThat(backend.group("game").counters().connects()).isEqualTo(1);
	}

	@Test
	void whenBroadcastThenEveryUsableServiceGetsIt() throws Exception {
		TestServer one = server(TestServer.silent());
		TestServer two = server(TestServer.silent());
		TestServer chat = server(TestServer.silent());
		TcpBackend<Frame> backend = startWith(instance("game-1", one), instance("game-2", two),
				InMemoryDiscovery.instance("chat", "chat-1", chat.port()));
		BroadcastResult<Frame> all = backend.broadcast(Frame.push("all"));
		assertThat(all.accepted()).isEqualTo(3);
		assertThat(all.allAccepted()).isTrue();
		assertThat(all.byService()).hasSize(3).containsValue(SendResult.ACCEPTED);
		assertThat(backend.broadcast("game", Frame.push("group")).accepted()).isEqualTo(2);
		assertThat(backend.broadcastOnePerGroup(Route.hash("k"), Frame.push("each")).accepted()).isEqualTo(2);
		ByteBuf raw = Unpooled.buffer();
		Frame.write(Frame.push("raw"), raw);
		byte[] bytes = ByteBufUtil.getBytes(raw);
		assertThat(backend.broadcastBytes(bytes).accepted()).isEqualTo(3);
		assertThat(backend.broadcastBytes("chat", bytes).accepted()).isEqualTo(1);
		backend.sendBytes("chat", Route.any(), bytes);
		backend.send("chat", "chat-1", Frame.push("last"));
		await().untilAsserted(() -> assertThat(chat.received()).extracting(Frame::text)
			.containsExactly("all", "each", "raw", "raw", "raw", "last"));
		await().until(() -> one.received().size() + two.received().size() == 2 + 2 + 1 + 2);
	}

	@Test
	void whenReplyIsAwaitedOnAnEventLoopThenItFailsWithASentence() throws Exception {
		TcpBackend<Frame> backend = startWith(instance("game-1", server(TestServer.echo(""))));
		CompletableFuture<Frame> result = backend.request("game", Route.any(), Frame.request(1, "a"), LONG)
			.thenApply((reply) -> backend.request("game", Route.any(), Frame.request(2, "b"), LONG).join());
		assertThatExceptionOfType(CompletionException.class).isThrownBy(result::join)
			.havingCause()
			.isInstanceOf(IllegalStateException.class)
			.withMessageContaining("event loop");
		CompletableFuture<Frame> composed = backend.request("game", Route.any(), Frame.request(3, "a"), LONG)
			.thenCompose((reply) -> backend.request("game", Route.any(), Frame.request(4, "b"), LONG));
		assertThat(composed.get().text()).isEqualTo("b");
	}

	@Test
	void whenHandlerMarksReadyThenServiceJoinsTheRingsOnlyThen() throws Exception {
		TestServer server = server(TestServer.silent());
		CompletableFuture<TcpService<Frame>> connected = new CompletableFuture<>();
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = start(fast(), new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpService<Frame> service) {
				service.send(Frame.push("login"));
				connected.complete(service);
			}

			@Override
			public void onMessage(TcpService<Frame> service, Frame message) {
				service.markReady();
			}

			@Override
			public boolean marksReady() {
				return true;
			}
		});
		await().until(() -> connected.isDone() && !server.received().isEmpty());
		assertThat(connected.get().state()).isEqualTo(TcpState.CONNECTED);
		assertThat(backend.find("game", Route.any())).isNull();
		server.sendToAll(Frame.push("welcome"));
		await().until(() -> backend.find("game", Route.any()) == connected.get());
	}

	@Test
	void whenServiceIsNotReadyInTimeThenItReconnects() throws Exception {
		TestServer server = server(TestServer.silent());
		this.discovery.set(instance("game-1", server));
		TcpTimings timings = fast().timings();
		TcpSettings settings = fast().withTimings(new TcpTimings(timings.connectTimeout(), Duration.ofMillis(50),
				timings.backoffInitial(), timings.backoffMax(), SECOND, SECOND, Duration.ZERO));
		TcpBackend<Frame> backend = start(settings, new Frame.Codec(), new TcpHandler<>() {
			@Override
			public boolean marksReady() {
				return true;
			}
		});
		await().until(() -> backend.findGroup("game") != null && backend.group("game").counters().connects() >= 3);
	}

	@Test
	void whenLoginFailsThenConnectionIsMadeAgain() throws Exception {
		TestServer server = server(TestServer.silent());
		AtomicInteger attempts = new AtomicInteger();
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = start(fast(), new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpService<Frame> service) {
				if (attempts.incrementAndGet() < 3) {
					throw new IllegalStateException("login refused");
				}
			}
		});
		await().until(() -> backend.find("game", Route.any()) != null);
		assertThat(attempts).hasValue(3);
	}

	@Test
	void whenHooksAreRegisteredThenTheyComeInPairsAndInOrder() throws Exception {
		TestServer server = server(TestServer.echo(""));
		List<String> events = new CopyOnWriteArrayList<>();
		AtomicInteger sent = new AtomicInteger();
		AtomicInteger received = new AtomicInteger();
		this.discovery.set(instance("game-1", server));
		BackendListener failing = new BackendListener() {
			@Override
			public void onReady(BackendService service) {
				throw new IllegalStateException("on purpose");
			}
		};
		TcpBackend<Frame> backend = start(fast(), new Frame.Codec(), this.handler, failing, new BackendListener() {
			@Override
			public void onAdded(BackendService service) {
				events.add("added");
			}

			@Override
			public void onConnected(BackendService service) {
				events.add("connected");
			}

			@Override
			public void onReady(BackendService service) {
				events.add("ready " + backendFinds(service));
			}

			private boolean backendFinds(BackendService service) {
				return service.availability() == dev.backend.Availability.READY;
			}

			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				events.add("disconnected " + (cause != null));
			}

			@Override
			public void onRemoved(BackendService service) {
				events.add("removed");
			}

			@Override
			public void onSent(BackendService service, int bytes) {
				sent.addAndGet(bytes);
			}

			@Override
			public void onReceived(BackendService service, int bytes) {
				received.addAndGet(bytes);
			}
		});
		await().until(() -> events.contains("ready true"));
		backend.request("game", Route.any(), Frame.request(1, "abc"), LONG).get();
		await().untilAsserted(() -> assertThat(sent).hasValue(16));
		await().untilAsserted(() -> assertThat(received).hasValue(16));
		server.dropConnections();
		await().until(() -> events.size() >= 6);
		backend.close();
		assertThat(events).containsExactly("added", "connected", "ready true", "disconnected true", "connected",
				"ready true", "disconnected false", "removed");
	}

	@Test
	void whenNotConnectedThenTicksRunAndSendsAreRefused() throws Exception {
		TestServer server = server(TestServer.silent());
		server.stop();
		CountDownLatch ticks = new CountDownLatch(3);
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = start(fast(), new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onTick(TcpService<Frame> service) {
				ticks.countDown();
			}
		});
		assertThat(ticks.await(20, TimeUnit.SECONDS)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		assertThat(service.trySend(Frame.push("x"))).isEqualTo(SendResult.NOT_CONNECTED);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> service.send(Frame.push("x")))
			.withMessageContaining("not connected");
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> service.request(Frame.request(1, "x"), LONG).join())
			.withCauseInstanceOf(SendRejectedException.class);
		assertThat(backend.trySend("game", Route.any(), Frame.push("x"))).isEqualTo(SendResult.NO_INSTANCE);
		assertThat(backend.trySend("chat", Route.any(), Frame.push("x"))).isEqualTo(SendResult.NO_INSTANCE);
	}

	@Test
	void whenBackendIsClosedThenPendingRequestsFinishAndNoThreadIsLeft() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = server(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("done")))));
		this.discovery.set(instance("game-1", server));
		TcpBackend<Frame> backend = TcpBackend.builder()
			.name("closing")
			.discovery(this.discovery)
			.settings(fast())
			.build(new Frame.Codec(), this.handler);
		backend.start();
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "x"), LONG);
		assertThat(answer).succeedsWithin(LONG);
		Thread closer = new Thread(backend::close);
		closer.start();
		await().until(() -> service.state() == TcpState.DRAINING);
		answer.get().run();
		assertThat(reply.get().text()).isEqualTo("done");
		closer.join();
		assertThat(this.handler.calls).containsExactly("connected game-1", "disconnected game-1");
		await().until(
				() -> Thread.getAllStackTraces().keySet().stream().noneMatch((t) -> t.getName().startsWith("closing")));
		backend.close();
	}

	@Test
	void whenEntryIsMalformedOrDoubleThenOnlyItIsLeftOut() throws Exception {
		TestServer server = server(TestServer.echo(""));
		TcpBackend<Frame> backend = startWith(instance("game-1", server),
				new DiscoveredInstance("game", "game-2", "tcp", "127.0.0.1", 70_000, List.of(), Map.of()),
				new DiscoveredInstance("game", "game-3", "http", "127.0.0.1", 80, List.of(), Map.of()),
				new DiscoveredInstance("game", "ga\nme", "tcp", "127.0.0.1", 80, List.of(), Map.of()),
				InMemoryDiscovery.instance("game", "game-1", 1));
		assertThat(backend.services()).extracting(TcpService::id).containsExactly("game-1");
		assertThat(backend.getService("game", "game-1").config().port()).isEqualTo(server.port());
	}

}
