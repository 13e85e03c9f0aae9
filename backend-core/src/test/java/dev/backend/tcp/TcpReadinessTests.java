package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.Route;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpTimings timings = fast().timings();
		TcpSettings settings = fast()
			.withTimings(new TcpTimings(timings.connectTimeout(), Duration.ofMillis(50), timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(), Duration.ZERO));
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
	void whenMarkedReadyByAMessageOfTheLastConnectionThenThePresentOneIsNot() throws Exception {
		TestServer server = this.tcp.discoveredServer(new TestServer((socket, frame) -> TestServer.send(socket,
				(frame.kind() == Frame.REQUEST) ? frame.reply("") : Frame.push("welcome"))));
		AtomicInteger connections = new AtomicInteger();
		CountDownLatch reconnected = new CountDownLatch(1);
		CompletableFuture<TcpState> second = new CompletableFuture<>();
		this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpService<Frame> service) {
				if (connections.incrementAndGet() == 1) {
					service.send(Frame.push("login"));
				}
				else {
					// A round trip, behind everything that came before on the event loop.
					service.request(Frame.request(1, ""), LONG).join();
					second.complete(service.state());
				}
			}

			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				server.dropConnections();
				await().until(() -> service.counters().connects() == 2);
				await().until(() -> service.state() == TcpState.CONNECTED);
				service.markReady();
			}

			@Override
			public boolean marksReady() {
				return true;
			}
		});
		assertThat(second).succeedsWithin(LONG).isEqualTo(TcpState.CONNECTED);
	}

}
