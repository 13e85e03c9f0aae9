package dev.backend.tcp;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.Availability;
import dev.backend.ConnectionLostException;
import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What an operator suspends.
 */
@Timeout(60)
class TcpSuspendTests {

	/** Many back-offs of {@link TcpFixture#fast()}. */
	private static final Duration MANY_BACKOFFS = Duration.ofMillis(150);

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	/** Answers the request that is pending. */
	private final CompletableFuture<Runnable> answer = new CompletableFuture<>();

	private CompletableFuture<Frame> reply = new CompletableFuture<>();

	/** Answers the first request when told to, and others at once. */
	private final TestServer server = this.tcp.server(new TestServer((socket, frame) -> {
		if (!this.answer.complete(() -> TestServer.send(socket, frame.reply("done")))) {
			TestServer.send(socket, frame.reply("done"));
		}
	}));

	private static TcpSettings with(Duration backoff, Duration drainTimeout) {
		TcpTimings timings = fast().timings();
		return fast().withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), backoff, backoff,
				timings.stableAfter(), drainTimeout, timings.tickInterval(), timings.idQuarantine()));
	}

	private static TcpService<Frame> service(TcpBackend<Frame> backend) {
		await().until(() -> backend.findService("game", "game-1") != null);
		return backend.getService("game", "game-1");
	}

	/** Its connection is gone, and no attempt is made at another one. */
	private static void assertRests(TcpBackend<Frame> backend, TcpService<Frame> service) throws Exception {
		assertThat(service.state()).isEqualTo(TcpState.SUSPENDED);
		assertThat(service.availability()).isEqualTo(Availability.UNAVAILABLE);
		assertThat(service.connectionName()).isNull();
		assertThat(backend.find("game", Route.any())).isNull();
		assertThat(backend.awaitReady(LONG)).as("nobody waits for it").isTrue();
		long dials = service.counters().dials();
		await().until(() -> service.timeInState().compareTo(MANY_BACKOFFS) > 0);
		assertThat(service.counters().dials()).isEqualTo(dials);
	}

	/** Starts a backend whose only service has a request that is not answered yet. */
	private TcpBackend<Frame> startWithPendingRequest(RemovalMode mode) throws Exception {
		this.tcp.discover(instance("game-1", this.server));
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(with(Duration.ofMillis(10), LONG).withRemoval(mode), this.tcp.handler()));
		this.reply = service(backend).request(Frame.request(1, "x"), LONG);
		assertThat(this.answer).succeedsWithin(LONG);
		return backend;
	}

	@Test
	void whenServiceIsSuspendedThenWhatIsPendingFinishesAndItsConnectionIsClosedAndNoneIsMade() throws Exception {
		TcpBackend<Frame> backend = startWithPendingRequest(RemovalMode.ON_DISCONNECT);
		TcpService<Frame> service = service(backend);
		CompletableFuture<Void> suspended = backend.suspend(" Game", "GAME-1");
		await().until(() -> service.state() == TcpState.DRAINING);
		assertThat(backend.find("game", Route.hash("user-1"))).isNull();
		assertThat(backend.broadcast("game", Frame.push("x")).accepted()).isZero();
		assertThat(backend.suspended()).isEqualTo(Map.of("game", Set.of("game-1")));
		assertThat(suspended).isNotDone();
		this.answer.get().run();
		assertThat(this.reply).succeedsWithin(LONG);
		assertThat(suspended).succeedsWithin(LONG);
		await().until(() -> this.server.connections().isEmpty());
		assertRests(backend, service);
		assertThat(service.lastFailure()).isNull();
		assertThat(service.trySend(Frame.push("x"))).isEqualTo(SendResult.NOT_CONNECTED);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> service.send(Frame.push("x")))
			.withMessageEndingWith("(SUSPENDED)");
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.select("game", Route.hash("user-1")))
			.withMessageContaining("game-1 []=SUSPENDED, suspended by an operator");
		assertThat(this.tcp.handler().calls).containsExactly("connected game-1", "disconnected game-1");
	}

	@Test
	void whenWhatIsPendingTakesTooLongThenASuspendedServiceIsClosedAllTheSame() throws Exception {
		this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(with(Duration.ofMillis(10), Duration.ofMillis(50)), this.tcp.handler()));
		CompletableFuture<Frame> reply = service(backend).request(Frame.request(1, "x"), LONG);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		assertThat(reply).failsWithin(LONG)
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(ConnectionLostException.class);
		assertRests(backend, service(backend));
	}

	@Test
	void whenThePeerClosesWhileASuspendedServiceDrainsThenItIsNotDialledEither() throws Exception {
		TcpBackend<Frame> backend = startWithPendingRequest(RemovalMode.ON_DISCONNECT);
		CompletableFuture<Void> suspended = backend.suspend("game", "game-1");
		await().until(() -> service(backend).state() == TcpState.DRAINING);
		this.server.dropConnections();
		assertThat(suspended).succeedsWithin(LONG);
		assertRests(backend, service(backend));
		assertThat(service(backend).lastFailure()).isInstanceOf(ConnectionLostException.class);
	}

	@Test
	void whenServiceIsResumedThenItIsDialledAtOnceWhateverTheBackOffWas() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		server.stop();
		TcpBackend<Frame> backend = this.tcp.start(with(Duration.ofHours(10), LONG), this.tcp.handler());
		TcpService<Frame> service = service(backend);
		await().until(() -> service.state() == TcpState.BACKOFF);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		assertRests(backend, service);
		server.restart();
		assertThat(backend.resume("game", " Game-1")).succeedsWithin(LONG);
		assertThat(backend.suspended()).isEmpty();
		await().until(() -> backend.find("game", Route.any()) == service);
		assertThat(service.counters().dials()).isEqualTo(2);
	}

	@Test
	void whenServiceIsResumedWhileItDrainsThenItServesOnWithItsConnection() throws Exception {
		TcpBackend<Frame> backend = startWithPendingRequest(RemovalMode.ON_DISCONNECT);
		TcpService<Frame> service = service(backend);
		CompletableFuture<Void> suspended = backend.suspend("game", "game-1");
		await().until(() -> service.state() == TcpState.DRAINING);
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		assertThat(suspended).succeedsWithin(LONG);
		await().until(() -> backend.find("game", Route.any()) == service);
		this.answer.get().run();
		assertThat(this.reply).succeedsWithin(LONG);
		assertThat(service.request(Frame.request(2, "x"), LONG)).succeedsWithin(LONG);
		assertThat(service.counters().disconnects()).isZero();
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void whenServiceIsSuspendedAgainBeforeTheLastCallbackHasReturnedThenItRests(CapturedOutput output)
			throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		CompletableFuture<Void> release = new CompletableFuture<>();
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(with(Duration.ofMillis(10), LONG), new TcpHandler<>() {
				@Override
				public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
					release.join();
				}
			}));
		TcpService<Frame> service = service(backend);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		assertThat(service.state()).as("it waits for the callback").isEqualTo(TcpState.SUSPENDED);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		release.complete(null);
		assertRests(backend, service);
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		await().until(() -> backend.find("game", Route.any()) == service);
		assertThat(output).doesNotContain("is not allowed");
	}

	@Test
	void whenALoginIsUnderWayThenASuspendedServiceIsClosedAtOnce() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CompletableFuture<TcpService<Frame>> connected = new CompletableFuture<>();
		TcpBackend<Frame> backend = this.tcp.start(with(Duration.ofMillis(10), LONG), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connected.complete(connection.service());
				connection.request(Frame.request(1, "login"), LONG).join();
			}
		});
		assertThat(connected).succeedsWithin(LONG);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		assertRests(backend, connected.get());
		await().until(() -> server.connections().isEmpty());
	}

	@Test
	void whenAHandlerSuspendsItsServiceThenItIsConnectedNoMoreUntilItIsResumed() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		AtomicInteger attempts = new AtomicInteger();
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				if (attempts.incrementAndGet() == 3) {
					connection.service().suspend();
				}
				if (attempts.get() < 5) {
					throw new IllegalStateException("login refused");
				}
			}
		});
		TcpService<Frame> service = service(backend);
		await().until(() -> service.state() == TcpState.SUSPENDED);
		assertRests(backend, service);
		assertThat(attempts).hasValue(3);
		assertThat(backend.suspended()).containsKey("game");
		assertThat(service.suspended()).isTrue();
		assertThat(service.resume()).succeedsWithin(LONG);
		assertThat(backend.suspended()).isEmpty();
		await().until(() -> backend.find("game", Route.any()) == service);
	}

	@Test
	void whenAnInstanceThatHasFailedIsResumedThenTheNextAttemptIsWaitedFor() throws Exception {
		this.tcp.discoveredServer(TestServer.silent());
		AtomicBoolean refusing = new AtomicBoolean(true);
		CountDownLatch login = new CountDownLatch(1);
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) throws Exception {
				if (refusing.get()) {
					throw new IllegalStateException("login refused");
				}
				login.await();
			}
		});
		assertThat(backend.awaitReady(LONG)).isFalse();
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		refusing.set(false);
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		CompletableFuture<Boolean> ready = CompletableFuture.supplyAsync(() -> {
			try {
				return backend.awaitReady(Duration.ofHours(1));
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		await().until(() -> backend.getService("game", "game-1").state() == TcpState.CONNECTED);
		login.countDown();
		assertThat(ready).succeedsWithin(LONG).isEqualTo(true);
	}

	@ParameterizedTest
	@EnumSource
	void whenASuspendedInstanceLeavesDiscoveryThenItGoesAtOnceAndComesBackSuspended(RemovalMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast().withRemoval(mode), this.tcp.handler()));
		TcpService<Frame> before = service(backend);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		this.tcp.discover();
		await().until(() -> backend.findGroup("game") == null);
		assertThat(before.state()).isEqualTo(TcpState.CLOSED);
		assertThat(backend.suspended()).isEqualTo(Map.of("game", Set.of("game-1")));
		this.tcp.discover(instance("game-1", server));
		TcpService<Frame> after = service(backend);
		assertThat(after.suspended()).isTrue();
		await().until(() -> after.state() == TcpState.SUSPENDED);
		assertRests(backend, after);
		assertThat(after.counters().dials()).isOne();
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		await().until(() -> backend.find("game", Route.any()) == after);
	}

	@ParameterizedTest
	@EnumSource
	void whenAnInstanceLeavesDiscoveryWhileItDrainsToBeSuspendedThenItIsClosedForGood(RemovalMode mode)
			throws Exception {
		TcpBackend<Frame> backend = startWithPendingRequest(mode);
		TcpService<Frame> service = service(backend);
		CompletableFuture<Void> suspended = backend.suspend("game", "game-1");
		await().until(() -> service.state() == TcpState.DRAINING);
		this.tcp.discover();
		if (mode != RemovalMode.IMMEDIATE) {
			// Which closes the connection at once.
			this.answer.get().run();
		}
		await().until(() -> service.state() == TcpState.CLOSED);
		await().until(() -> backend.findGroup("game") == null);
		assertThat(suspended).succeedsWithin(LONG);
	}

	@Test
	void whenAnInstanceIsListedAgainWhileItDrainsToBeSuspendedThenItIsSuspended() throws Exception {
		TcpBackend<Frame> backend = startWithPendingRequest(RemovalMode.DRAIN);
		TcpService<Frame> service = service(backend);
		CompletableFuture<Void> suspended = backend.suspend("game", "game-1");
		await().until(() -> service.state() == TcpState.DRAINING);
		this.tcp.discover();
		this.tcp.discover(instance("game-1", this.server), instance("game-2", this.server));
		await().until(() -> backend.find("game", Route.any()) != null);
		assertThat(service.state()).isEqualTo(TcpState.DRAINING);
		assertThat(suspended).isNotDone();
		this.answer.get().run();
		assertThat(this.reply).succeedsWithin(LONG);
		assertThat(suspended).succeedsWithin(LONG);
		assertThat(service(backend)).isSameAs(service);
		assertThat(service.state()).isEqualTo(TcpState.SUSPENDED);
	}

	@Test
	void whenASuspendedInstanceMovesThenItIsThereAtOnceAndNotDialled() throws Exception {
		this.tcp.discoveredServer(TestServer.echo("old "));
		TestServer moved = this.tcp.server(TestServer.echo("new "));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		TcpService<Frame> service = service(backend);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		this.tcp.discover(instance("game-1", moved));
		await().until(() -> service.config().port() == moved.port());
		assertThat(service(backend)).isSameAs(service);
		assertThat(service.suspended()).isTrue();
		assertRests(backend, service);
		assertThat(service.counters().dials()).isOne();
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		await().until(() -> backend.find("game", Route.any()) == service);
		assertThat(moved.connections()).hasSize(1);
	}

	@Test
	void whenAnInstanceIsSuspendedWhileItMovesThenNeitherAddressIsConnected() throws Exception {
		TestServer old = this.tcp.discoveredServer(TestServer.echo(""));
		TestServer away = this.tcp.server(TestServer.echo(""));
		away.stop();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		TcpService<Frame> before = service(backend);
		this.tcp.discover(instance("game-1", away));
		await().until(() -> before.counters().dialFailures() > 0);
		assertThat(service(backend)).isSameAs(before);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		await().until(() -> service(backend).config().port() == away.port());
		await().until(() -> old.connections().isEmpty());
		assertRests(backend, service(backend));
		away.restart();
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		await().until(() -> backend.find("game", Route.any()) != null);
		assertThat(away.connections()).hasSize(1);
	}

	@Test
	void whenServiceIsDrainedAndSuspendedThenEachIsTakenBackForItself() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		TcpService<Frame> service = service(backend);
		assertThat(backend.drain("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		await().until(() -> service.state() == TcpState.READY);
		assertThat(service.availability()).isEqualTo(Availability.DRAINING);
		assertThat(backend.find("game", Route.any())).isNull();
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.undrain("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.drained()).isEmpty();
		assertRests(backend, service);
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		await().until(() -> backend.find("game", Route.any()) == service);
	}

	@Test
	void whenServiceIsNotKnownThenItCannotBeSuspendedOrResumed() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.suspend("game", "game-2"))
			.withMessageContaining("No service game/game-2");
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.resume("game", "game-2"));
		assertThat(backend.resume("game", "game-1")).succeedsWithin(LONG);
		assertThat(service(backend).state()).isEqualTo(TcpState.READY);
	}

	@Test
	void whenTheBackendIsStoppedThenSuspensionsAreForgottenAndWhoWaitsForOneIsTold() throws Exception {
		TcpBackend<Frame> backend = startWithPendingRequest(RemovalMode.ON_DISCONNECT);
		TcpService<Frame> service = service(backend);
		CompletableFuture<Void> suspended = backend.suspend("game", "game-1");
		await().until(() -> service.state() == TcpState.DRAINING);
		CompletableFuture<Void> stopped = CompletableFuture.runAsync(backend::stop);
		assertThat(suspended).failsWithin(LONG)
			.withThrowableOfType(ExecutionException.class)
			.withMessageContaining("backend-tcp is stopped (expected: started)");
		this.answer.get().run();
		assertThat(stopped).succeedsWithin(LONG);
		assertThat(service.suspend()).failsWithin(LONG)
			.withThrowableOfType(ExecutionException.class)
			.withMessageContaining("backend-tcp is stopped (expected: started)");
		assertThat(backend.suspended()).isEmpty();
		await().until(() -> this.server.connections().isEmpty());
		backend.start();
		TcpFixture.ready(backend);
		assertThat(backend.suspended()).isEmpty();
		assertThat(backend.find("game", Route.any())).isNotNull();
	}

}
