package dev.backend.tcp;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * All peers restart at once, beside many that do not answer. What is promised is ten
 * times less than what fails here, since other builds may run on the machine; the figures
 * are logged. With the back-off at its end before they are back:
 * {@code -Dfaults.peers=1000 -Dfaults.down-seconds=30}.
 */
@Timeout(300)
@SlowTest
class RestartTests {

	private static final Logger logger = LoggerFactory.getLogger(RestartTests.class);

	private static final int PEERS = Integer.getInteger("faults.peers", 1000);

	private static final Duration DOWN = Duration.ofSeconds(Integer.getInteger("faults.down-seconds", 1));

	private static final int LISTENERS = 20;

	/** Twice the handler threads. */
	private static final int DIALS = 64;

	private static final Duration LONG = Duration.ofSeconds(30);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final PeerServers servers = new PeerServers(LISTENERS, (accepted) -> {
	});

	private final DialsUnderWay dials = new DialsUnderWay();

	private final TcpBackend<Frame> backend = TcpBackend.builder()
		.discovery(this.discovery)
		.clientCustomizer(this.dials::count)
		.build(new Frame.Codec(), new RecordingHandler());

	@AfterEach
	void close() {
		this.backend.close();
		this.servers.close();
	}

	private List<DiscoveredInstance> healthy(int count) {
		return new ArrayList<>(IntStream.range(0, count)
			.mapToObj((i) -> InMemoryDiscovery.instance("game", "game-" + i, this.servers.port(i)))
			.toList());
	}

	private static List<DiscoveredInstance> silent(int count, FullBacklog peer) {
		return IntStream.range(0, count)
			.mapToObj((i) -> InMemoryDiscovery.instance("silent", "silent-" + i, peer.port()))
			.toList();
	}

	private void discover(List<DiscoveredInstance> instances) {
		this.discovery.set(instances.toArray(new DiscoveredInstance[0]));
	}

	private long ready() {
		TcpGroup<Frame> group = this.backend.findGroup("game");
		return (group != null) ? group.routing().members().size() : 0;
	}

	private void awaitReady(int count) {
		await().atMost(Duration.ofSeconds(150)).pollInterval(Duration.ofMillis(2)).until(() -> ready() >= count);
	}

	@Test
	void whenAllPeersRestartAtOnceThenTheyAreBackWithABoundOnTheDials() {
		discover(healthy(PEERS));
		this.backend.start();
		awaitReady(PEERS);
		this.servers.stop();
		await().atMost(LONG).until(() -> ready() == 0);
		int before = this.dials.all();
		await().pollDelay(DOWN).atMost(DOWN.plusSeconds(10)).until(() -> true);
		this.servers.restart();
		long began = System.nanoTime();
		awaitReady(PEERS * 99 / 100);
		long most = System.nanoTime() - began;
		awaitReady(PEERS);
		logger.info(
				"{} peers, down for {}: 99 % back after {} ms, all after {} ms (promised: 15 s for 1000), {} dials, "
						+ "at most {} at once (promised: 64)",
				PEERS, DOWN, most / 1_000_000, (System.nanoTime() - began) / 1_000_000, this.dials.all() - before,
				this.dials.most());
		assertThat(this.dials.most()).isBetween(1, DIALS);
		await().untilAsserted(() -> assertThat(this.dials.present()).isZero());
	}

	@Test
	void whenPeersThatNeverAnswerAreDialledAgainThenOthersConnectAndReconnectAtOnce() throws IOException {
		try (FullBacklog peer = new FullBacklog()) {
			List<DiscoveredInstance> silent = silent(200, peer);
			this.backend.settings(connectTimeout(Duration.ofMillis(200)));
			discover(silent);
			this.backend.start();
			await().atMost(LONG)
				.until(() -> this.backend.services().size() == 200
						&& this.backend.services().stream().allMatch((service) -> service.lastFailure() != null));
			assertThat(this.dials.most()).isEqualTo(DIALS);
			// None of those that are under way from now on ends before the test does.
			this.backend.settings(connectTimeout(Duration.ofMinutes(10)));
			await().atMost(LONG).until(() -> this.dials.present() == DIALS / 2);
			List<DiscoveredInstance> all = healthy(100);
			all.addAll(silent);
			long began = System.nanoTime();
			discover(all);
			await().atMost(LONG).until(() -> ready() == 100);
			long connected = System.nanoTime();
			this.servers.stop();
			await().atMost(LONG).until(() -> ready() == 0);
			this.servers.restart();
			long restarted = System.nanoTime();
			await().atMost(LONG).until(() -> ready() == 100);
			logger.info("200 peers that never answer: 100 others connected after {} ms, and were back after {} ms",
					(connected - began) / 1_000_000, (System.nanoTime() - restarted) / 1_000_000);
			assertThat(this.dials.present()).isEqualTo(DIALS / 2);
			assertThat(this.dials.most()).isEqualTo(DIALS);
			this.backend.close();
		}
	}

	private static TcpSettings connectTimeout(Duration timeout) {
		TcpTimings timings = TcpTimings.defaults();
		return TcpSettings.defaults()
			.withTimings(new TcpTimings(timeout, timings.readyTimeout(), timings.backoffInitial(),
					Duration.ofMillis(500), timings.stableAfter(), timings.drainTimeout(), timings.tickInterval(),
					timings.idQuarantine()));
	}

}
