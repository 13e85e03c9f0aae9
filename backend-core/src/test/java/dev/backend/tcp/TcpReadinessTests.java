package dev.backend.tcp;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.Route;
import dev.backend.discovery.ServiceDiscovery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * When a service joins the rings of a {@link TcpBackend}.
 */
@Timeout(60)
class TcpReadinessTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenHandlerMarksReadyThenServiceJoinsTheRingsOnlyThen() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CompletableFuture<TcpService<Frame>> connected = new CompletableFuture<>();
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.send(Frame.push("login"));
				connected.complete(connection.service());
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				connection.markReady();
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
	void whenOneServerIsDeadAndOneRefusesTheLoginThenTheStartWaitsForTheOthersAlone() throws Exception {
		TestServer up = this.tcp.server(TestServer.silent());
		TestServer refusing = this.tcp.server(TestServer.silent());
		TestServer dead = new TestServer((socket, frame) -> {
		});
		dead.close();
		this.tcp.discover(TcpFixture.instance("up", up), TcpFixture.instance("refusing", refusing),
				TcpFixture.instance("dead", dead));
		CountDownLatch login = new CountDownLatch(1);
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) throws Exception {
				switch (connection.service().id()) {
					case "up" -> login.await();
					case "refusing" -> throw new IllegalStateException("login refused");
					default -> throw new AssertionError();
				}
			}
		});
		CompletableFuture<Boolean> ready = CompletableFuture.supplyAsync(() -> {
			try {
				return backend.awaitReady(Duration.ofHours(1));
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		await().until(() -> backend.services().size() == 3 && backend.getService("game", "dead").lastFailure() != null
				&& backend.getService("game", "refusing").lastFailure() != null);
		assertThat(backend.awaitReady(Duration.ofMillis(50))).as("a login hangs").isFalse();
		assertThat(ready).isNotDone();
		login.countDown();
		assertThat(ready.get()).isFalse();
		assertThat(backend.getService("game", "up").state()).isEqualTo(TcpState.READY);
	}

	@Test
	void whenTheRegistryDoesNotAnswerThenTheStartWaitsForItUntilTheTimeIsOver() throws Exception {
		ServiceDiscovery silent = mock();
		given(silent.subscribe(any())).willReturn(() -> {
		});
		given(silent.confirmationDelay()).willReturn(Duration.ZERO);
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.discovery(silent));
		assertThat(backend.awaitReady(Duration.ofMillis(50))).isFalse();
	}

	@Test
	void whenNothingIsListedThenNothingIsWaitedFor() throws Exception {
		assertThat(this.tcp.start().awaitReady(Duration.ofHours(1))).isTrue();
	}

	@Test
	void whenServiceIsNotReadyInTimeThenItReconnects() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpTimings timings = fast().timings();
		TcpSettings settings = fast().withTimings(new TcpTimings(timings.connectTimeout(), Duration.ofMillis(50),
				timings.backoffInitial(), timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(),
				Duration.ZERO, timings.idQuarantine()));
		TcpBackend<Frame> backend = this.tcp.start(settings, new TcpHandler<>() {
			@Override
			public boolean marksReady() {
				return true;
			}
		});
		await().until(() -> backend.findGroup("game") != null && backend.group("game").counters().connects() >= 3);
	}

	@Test
	void whenLoginFailsThenConnectionIsMadeAgain() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		AtomicInteger attempts = new AtomicInteger();
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				if (attempts.incrementAndGet() < 3) {
					throw new IllegalStateException("login refused");
				}
			}
		});
		await().until(() -> backend.find("game", Route.any()) != null);
		assertThat(attempts).hasValue(3);
	}

	@Test
	void whenMarkedReadyByTheLastConnectionThenThePresentOneIsNot() throws Exception {
		TestServer server = this.tcp.discoveredServer(
				new TestServer((socket, frame) -> TestServer.send(socket, Frame.request(1, "").reply(""))));
		Queue<TcpConnection<Frame>> first = new ConcurrentLinkedQueue<>();
		CompletableFuture<TcpState> second = new CompletableFuture<>();
		this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				if (first.isEmpty()) {
					first.add(connection);
					server.dropConnections();
					return;
				}
				first.element().markReady();
				// A round trip, behind everything that came before on the event loop.
				connection.request(Frame.request(1, ""), LONG).join();
				second.complete(connection.service().state());
			}

			@Override
			public boolean marksReady() {
				return true;
			}
		});
		assertThat(second).succeedsWithin(LONG).isEqualTo(TcpState.CONNECTED);
	}

}
