package dev.backend.discovery;

import java.time.Duration;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.test.VirtualTime;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The contract of all sources, kept by the parts that they share.
 */
class PolledRegistryTests extends DiscoveryContract {

	@Override
	protected Registry registry() {
		return new PolledRegistry();
	}

	@Test
	void anHourWithoutARegistryIsAMatterOfMilliseconds() {
		VirtualTime time = new VirtualTime();
		PolledRegistry registry = new PolledRegistry();
		registry.list("a", "b");
		SnapshotRecorder recorder = new SnapshotRecorder();
		try (ServiceDiscovery discovery = registry.open(new DiscoveryLoop("virtual", time, time::nanoTime))) {
			discovery.subscribe(recorder);
			time.run();
			registry.fail();
			time.advance(Duration.ofHours(1));
			assertThat(discovery.status().state()).isEqualTo(State.DOWN);
			assertThat(discovery.status().sinceLastRead()).isGreaterThan(Duration.ofMinutes(59));
			assertThat(discovery.reads().failed()).isGreaterThan(70_000);
			registry.list("a");
			registry.recover();
			time.advance(Duration.ofMillis(100));
			await().until(() -> recorder.shows("a"));
			assertThat(recorder.last().views().get(0).absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
			time.advance(PolledRegistry.DELAY);
			await().until(() -> recorder.last().views().get(0).absence() == Absence.EVIDENCE);
		}
	}

}
