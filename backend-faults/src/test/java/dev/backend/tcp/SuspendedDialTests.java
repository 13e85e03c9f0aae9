package dev.backend.tcp;

import java.io.IOException;
import java.time.Duration;

import dev.backend.Route;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Services that are suspended while their dial is under way or waits for its permit,
 * beside others that want the same permit.
 */
@Timeout(60)
class SuspendedDialTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final DialsUnderWay dials = new DialsUnderWay();

	private final FullBacklog unanswered;

	SuspendedDialTests() throws IOException {
		this.unanswered = new FullBacklog();
	}

	@AfterEach
	void closeBacklog() throws IOException {
		this.unanswered.close();
	}

	private DiscoveredInstance hanging(String id) {
		return InMemoryDiscovery.instance("game", id, this.unanswered.port());
	}

	/** So many dials at a time, each of which may take longer than the test. */
	private TcpBackend<Frame> start(int concurrentDials) {
		TcpTimings timings = fast().timings();
		TcpLimits limits = TcpLimits.defaults();
		TcpSettings settings = fast()
			.withTimings(new TcpTimings(Duration.ofMinutes(10), timings.readyTimeout(), timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(), timings.tickInterval(),
					timings.idQuarantine()))
			.withLimits(new TcpLimits(limits.queuedMessages(), limits.outboundBytes(), limits.pendingRequests(),
					limits.inboundMessages(), limits.frameBytes(), concurrentDials));
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.settings(settings).clientCustomizer(this.dials::count));
		await().until(() -> this.dials.present() == concurrentDials);
		return backend;
	}

	private static TcpService<Frame> connecting(TcpBackend<Frame> backend, String id) {
		await().until(() -> backend.findService("game", id) != null
				&& backend.getService("game", id).state() == TcpState.CONNECTING);
		return backend.getService("game", id);
	}

	@Test
	void whenSuspendedWhileItsDialHangsThenTheDialEndsAndTheNextServiceHasThePermit() throws Exception {
		this.tcp.discover(hanging("game-1"));
		TcpBackend<Frame> backend = start(1);
		this.tcp.discover(hanging("game-1"), instance("game-2", this.tcp.server(TestServer.echo(""))));
		TcpService<Frame> waiting = connecting(backend, "game-2");
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.getService("game", "game-1").state()).isEqualTo(TcpState.SUSPENDED);
		await().until(() -> waiting.state() == TcpState.READY);
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().until(() -> this.dials.present() == 0);
	}

	@Test
	void whenSuspendedAndResumedWhileItWaitsForAPermitThenItIsDialledOnce() throws Exception {
		this.tcp.discover(hanging("game-1"), hanging("game-2"));
		TcpBackend<Frame> backend = start(2);
		this.tcp.discover(hanging("game-1"), hanging("game-2"), hanging("game-3"));
		TcpService<Frame> waiting = connecting(backend, "game-3");
		for (int i = 0; i < 10; i++) {
			assertThat(backend.suspend("game", "game-3")).succeedsWithin(LONG);
			assertThat(waiting.state()).isEqualTo(TcpState.SUSPENDED);
			assertThat(backend.resume("game", "game-3")).succeedsWithin(LONG);
			connecting(backend, "game-3");
		}
		assertThat(backend.suspend("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.suspend("game", "game-2")).succeedsWithin(LONG);
		await().until(() -> this.dials.present() == 1);
		// Two dials of the same service would have both permits.
		this.tcp.discover(hanging("game-1"), hanging("game-2"), hanging("game-3"),
				instance("game-4", this.tcp.server(TestServer.echo(""))));
		await().until(() -> backend.find("game", Route.any()) != null);
		assertThat(this.dials.all()).isEqualTo(4);
		assertThat(waiting.state()).isEqualTo(TcpState.CONNECTING);
	}

}
