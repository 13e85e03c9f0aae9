package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The time between up and ready: who can send, how many log in at once, and who is to
 * blame when it takes long.
 */
@Timeout(60)
class TcpLoginTests {

	private static final Frame LOGIN = Frame.request(1, "login");

	private static final Frame HELLO = Frame.push("hello");

	private static final Duration FOR_GOOD = Duration.ofMinutes(10);

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	/** Of another backend, by which time passes. */
	@RegisterExtension
	final TcpFixture clock = new TcpFixture();

	private static TcpSettings settings(Duration readyTimeout, int concurrentDials) {
		TcpTimings timings = fast().timings();
		TcpLimits limits = TcpLimits.defaults();
		return fast()
			.withTimings(new TcpTimings(timings.connectTimeout(), readyTimeout, timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(), Duration.ZERO,
					timings.idQuarantine()))
			.withLimits(new TcpLimits(limits.queuedMessages(), limits.outboundBytes(), limits.pendingRequests(),
					limits.inboundMessages(), limits.frameBytes(), concurrentDials));
	}

	private static List<DiscoveredInstance> instances(String name, int count, TestServer server) {
		return IntStream.range(0, count)
			.mapToObj((i) -> InMemoryDiscovery.instance(name, name + "-" + i, server.port()))
			.toList();
	}

	private void discover(List<DiscoveredInstance> instances) {
		this.tcp.discover(instances.toArray(new DiscoveredInstance[0]));
	}

	private TcpBackend<Frame> start(TcpSettings settings, int handlerThreads, TcpHandler<Frame> handler) {
		return this.tcp.start(new Frame.Codec(), handler,
				(builder) -> builder.settings(settings).handlerThreads(handlerThreads));
	}

	private static TcpCounters awaitCounters(TcpBackend<Frame> backend, String name) {
		await().until(() -> backend.findGroup(name) != null);
		return backend.group(name).counters();
	}

	private static long ready(TcpBackend<Frame> backend, String name) {
		TcpGroup<Frame> group = backend.findGroup(name);
		return (group != null) ? group.routing().members().size() : 0;
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenServiceIsNotReadyThenOnlyItsCallbacksSendByTheirConnection(boolean marksReady) throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = this.tcp.discoveredServer(new TestServer((socket, frame) -> {
			if (frame.equals(LOGIN)) {
				answer.complete(() -> TestServer.send(socket, frame.reply("welcome")));
			}
			else if (frame.kind() == Frame.REQUEST) {
				TestServer.send(socket, frame.reply(""));
			}
		}));
		CompletableFuture<SendResult> inCallback = new CompletableFuture<>();
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				inCallback.complete(connection.service().trySend(Frame.push("x")));
				connection.send(HELLO);
				CompletableFuture<Frame> welcome = connection.request(LOGIN, LONG);
				if (marksReady) {
					welcome.thenRun(connection::markReady);
				}
				else {
					welcome.join();
				}
			}

			@Override
			public boolean marksReady() {
				return marksReady;
			}
		});
		assertThat(answer).succeedsWithin(LONG);
		TcpService<Frame> service = backend.getService("game", "game-1");
		assertThat(service.state()).isEqualTo(TcpState.CONNECTED);
		assertThat(service.connection()).isNull();
		assertNotReached(backend, service);
		assertThat(inCallback).isCompletedWithValue(SendResult.NOT_CONNECTED);
		assertThat(service.queuedMessages()).isZero();
		answer.get().run();
		await().until(() -> service.state() == TcpState.READY);
		assertThat(service.connection()).isNotNull();
		Frame after = Frame.request(2, "after");
		service.request(after, LONG).join();
		assertThat(server.received()).containsExactly(HELLO, LOGIN, after);
	}

	private static void assertNotReached(TcpBackend<Frame> backend, TcpService<Frame> service) {
		Frame message = Frame.request(3, "too soon");
		byte[] bytes = { 1, 2, 3 };
		assertThat(service.trySend(message)).isEqualTo(SendResult.NOT_CONNECTED);
		assertThat(service.trySendBytes(bytes)).isEqualTo(SendResult.NOT_CONNECTED);
		assertThat(backend.trySend("game", "game-1", message)).isEqualTo(SendResult.NOT_CONNECTED);
		assertThat(backend.trySendBytes("game", "game-1", bytes)).isEqualTo(SendResult.NOT_CONNECTED);
		assertThat(backend.trySend("game", Route.any(), message)).isEqualTo(SendResult.NO_INSTANCE);
		assertThat(backend.trySendBytes("game", Route.any(), bytes)).isEqualTo(SendResult.NO_INSTANCE);
		List<Runnable> throwing = List.of(() -> service.send(message), () -> service.sendBytes(bytes),
				() -> backend.send("game", "game-1", message));
		assertThat(throwing).allSatisfy((send) -> assertThatExceptionOfType(SendRejectedException.class)
			.isThrownBy(send::run)
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(SendResult.NOT_CONNECTED))
			.withMessage("%s: not connected (CONNECTED: not ready yet; its handler sends by the connection)", service));
		assertThat(List.of(service.request(message, LONG), service.request(4L, message, LONG),
				backend.request("game", "game-1", message, LONG)))
			.allSatisfy((request) -> assertThat(request).isCompletedExceptionally()
				.failsWithin(LONG)
				.withThrowableThat()
				.havingCause()
				.isInstanceOfSatisfying(SendRejectedException.class,
						(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.NOT_CONNECTED))
				.withMessageContaining("not ready yet; its handler sends by the connection"));
		assertThat(backend.request("game", Route.any(), message, LONG)).isCompletedExceptionally()
			.failsWithin(LONG)
			.withThrowableThat()
			.withCauseInstanceOf(ServiceNotFoundException.class);
		assertThat(backend.broadcast(message).targets()).isEmpty();
		assertThat(backend.broadcastBytes(bytes).targets()).isEmpty();
		assertThat(backend.broadcast("game", message).targets()).isEmpty();
		assertThat(backend.broadcastBytes("game", bytes).targets()).isEmpty();
		assertThat(backend.broadcastOnePerGroup(Route.any(), message).targets()).isEmpty();
	}

	@Test
	void whenOnConnectedWaitsForAThreadThenTheReadyTimeoutDoesNotRun() throws Exception {
		TestServer busy = this.tcp.server(TestServer.silent());
		TestServer server = this.tcp.server(TestServer.silent());
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Duration readyTimeout = Duration.ofMillis(500);
		this.tcp.discover(InMemoryDiscovery.instance("busy", "busy-1", busy.port()));
		TcpBackend<Frame> backend = TcpFixture.ready(start(settings(readyTimeout, 0), 1, new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				blocked.countDown();
				release.await();
			}
		}));
		busy.sendToAll(Frame.push(""));
		blocked.await();
		this.tcp.discover(InMemoryDiscovery.instance("busy", "busy-1", busy.port()), instance("game-1", server));
		TcpCounters counters = awaitCounters(backend, "game");
		await().until(() -> counters.connects() == 1);
		awaitTwice(readyTimeout);
		assertThat(backend.getService("game", "game-1").state()).isEqualTo(TcpState.CONNECTED);
		release.countDown();
		await().until(() -> ready(backend, "game") == 1);
		assertThat(counters.connects()).isEqualTo(1);
		assertThat(counters.disconnects()).isZero();
	}

	/** Until a service of another backend was not ready in time, twice. */
	private void awaitTwice(Duration readyTimeout) {
		this.clock.discoveredServer(TestServer.silent());
		TcpBackend<Frame> other = this.clock.start(settings(readyTimeout, 0), new TcpHandler<>() {
			@Override
			public boolean marksReady() {
				return true;
			}
		});
		TcpCounters counters = awaitCounters(other, "game");
		await().until(() -> counters.disconnects() >= 2);
	}

	@Test
	void whenOneMayConnectAtATimeThenTheNextIsDialledWhenItIsReady() {
		int services = 8;
		TestServer server = this.tcp.server(TestServer.echo(""));
		discover(instances("game", services, server));
		List<Long> dials = new CopyOnWriteArrayList<>();
		TcpBackend<Frame> backend = start(settings(LONG, 1), 8, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.request(LOGIN, LONG).join();
				dials.add(connection.service().counters().dials());
			}
		});
		await().until(() -> ready(backend, "game") == services);
		assertThat(dials).isEqualTo(IntStream.rangeClosed(1, services).mapToObj(Long::valueOf).toList());
	}

	@Test
	void whenLoginsFailOrConnectionsEndThenTheirPermitsAreFree() {
		TestServer server = this.tcp.server(TestServer.echo(""));
		RestlessService restless = new RestlessService(this.tcp);
		List<DiscoveredInstance> all = new ArrayList<>(instances("refused", 3, server));
		all.add(restless.instance());
		discover(all);
		TcpBackend<Frame> backend = start(settings(LONG, 1), 8, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.request(LOGIN, LONG).join();
				if (connection.service().name().equals("refused")) {
					throw new IllegalStateException("login refused");
				}
			}
		});
		TcpCounters refused = awaitCounters(backend, "refused");
		await().until(() -> refused.disconnects() >= 6);
		all.addAll(instances("game", 5, server));
		discover(all);
		await().until(() -> ready(backend, "game") == 5);
		RestlessService.awaitReconnects(backend);
	}

	@Test
	void whenHandlersBlockThenConnectionsAreMadeForTwiceTheirThreads() throws Exception {
		int services = 20;
		TestServer server = this.tcp.server(TestServer.silent());
		discover(instances("game", services, server));
		CountDownLatch release = new CountDownLatch(1);
		TcpBackend<Frame> backend = start(settings(FOR_GOOD, 0), 3, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) throws Exception {
				release.await();
			}
		});
		TcpCounters counters = awaitCounters(backend, "game");
		await().until(() -> counters.connects() == 6);
		RestlessService.awaitReconnects(RestlessService.start(this.clock));
		assertThat(counters.dials()).isEqualTo(6);
		release.countDown();
		await().until(() -> ready(backend, "game") == services);
		assertThat(counters.connects()).isEqualTo(services);
	}

	@Test
	void whenHandlerMarksReadyThenManyLogInAtOnce() {
		TestServer server = this.tcp.server(TestServer.silent());
		discover(instances("game", 100, server));
		TcpBackend<Frame> backend = start(settings(FOR_GOOD, 0), 3, new TcpHandler<>() {
			@Override
			public boolean marksReady() {
				return true;
			}
		});
		TcpCounters counters = awaitCounters(backend, "game");
		await().until(() -> counters.connects() == 100);
		assertThat(ready(backend, "game")).isZero();
	}

	@Test
	void whenTheExecutorIsTheUsersThenManyLogInAtOnce() {
		TestServer server = this.tcp.server(TestServer.silent());
		discover(instances("game", 100, server));
		CountDownLatch release = new CountDownLatch(1);
		ExecutorService executor = Executors.newCachedThreadPool();
		this.tcp.closeLast(executor::shutdownNow);
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) throws Exception {
				release.await();
			}
		}, (builder) -> builder.settings(settings(FOR_GOOD, 0)).handlerExecutor(executor));
		TcpCounters counters = awaitCounters(backend, "game");
		await().until(() -> counters.connects() == 100);
		release.countDown();
		await().until(() -> ready(backend, "game") == 100);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenLoginsTimeOutThenTheyLeaveHalfOfThePermitsToOthers(boolean byThemselves) {
		TestServer silent = this.tcp.server(TestServer.silent());
		TestServer server = this.tcp.server(TestServer.echo(""));
		List<DiscoveredInstance> all = new ArrayList<>(instances("silent", 8, silent));
		discover(all);
		Logins logins = new Logins(byThemselves);
		TcpBackend<Frame> backend = start(settings(Duration.ofMillis(200), 4), 16, logins);
		await().until(() -> logins.timedOut.size() == 8);
		logins.hangForGood(backend);
		await().until(() -> logins.hanging.size() == 2);
		all.addAll(instances("game", 10, server));
		discover(all);
		await().until(() -> ready(backend, "game") == 10);
		server.dropConnections();
		await().until(() -> backend.group("game").counters().connects() == 20);
		await().until(() -> ready(backend, "game") == 10);
		assertThat(logins.hanging).hasSize(2);
	}

	/** Logs in; notes whose logins have timed out, and whose hang for good. */
	private static final class Logins implements TcpHandler<Frame> {

		private final Set<String> timedOut = ConcurrentHashMap.newKeySet();

		private final Set<String> hanging = ConcurrentHashMap.newKeySet();

		private final boolean byThemselves;

		private boolean forGood;

		/**
		 * Creates a handler.
		 * @param byThemselves whether logins have a time-out that ends before the ready
		 * time-out does
		 */
		Logins(boolean byThemselves) {
			this.byThemselves = byThemselves;
		}

		@Override
		public void onConnected(TcpConnection<Frame> connection) {
			CompletableFuture<Void> login = connection.request(LOGIN, begin(connection)).thenRun(connection::markReady);
			if (this.byThemselves) {
				login.join();
			}
		}

		/** The ready time-out runs by the settings of now: so must the login. */
		private synchronized Duration begin(TcpConnection<Frame> connection) {
			// Behind the task that starts the ready time-out.
			connection.link().channel().eventLoop().submit(() -> {
			}).syncUninterruptibly();
			if (this.forGood && connection.service().name().equals("silent")) {
				this.hanging.add(connection.service().id());
			}
			return (this.byThemselves && !this.forGood) ? Duration.ofMillis(150) : FOR_GOOD;
		}

		/** None of those that begin from now on ends before the test does. */
		synchronized void hangForGood(TcpBackend<Frame> backend) {
			backend.settings(settings(FOR_GOOD, 4));
			this.forGood = true;
		}

		@Override
		public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
			this.hanging.remove(connection.service().id());
			this.timedOut.add(connection.service().id());
		}

		@Override
		public boolean marksReady() {
			return true;
		}

	}

}
