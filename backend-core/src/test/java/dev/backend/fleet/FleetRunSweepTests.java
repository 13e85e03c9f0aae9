package dev.backend.fleet;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.discovery.InstanceFilter;
import dev.backend.logging.FailureLog;
import dev.backend.logging.LogRecorder;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a {@link FleetRun} does every few seconds, and at its end.
 */
@SlowTest
@Timeout(60)
class FleetRunSweepTests {

	private static final Logger logger = LoggerFactory.getLogger(FleetRunSweepTests.class);

	@RegisterExtension
	final LogRecorder recorder = new LogRecorder("dev.backend");

	private final AtomicLong now = new AtomicLong();

	private final FailureLog failureLog = new FailureLog(this.now::get);

	private final BlockingQueue<Set<String>> retained = new LinkedBlockingQueue<>();

	private void failEleven() {
		for (int i = 0; i < 11; i++) {
			this.failureLog.of("swept").failed(logger, org.slf4j.event.Level.WARN, "on purpose");
		}
	}

	@Test
	void whatIsKeptForNamesIsSweptAndWhatWasLeftOutIsTold() throws Exception {
		FleetOptions options = new FleetOptions("sweeping", new InMemoryDiscovery(),
				InstanceFilter.forSchemes(List.of("tcp")), Duration.ZERO, null,
				() -> new SharedThreads("sweeping", 1, 1), null, this.failureLog);
		ProtocolRunFactory<FakeFleet.Service, FakeFleet.Group> factory = (loops, executor, threads,
				availabilityChanged) -> new Protocol();
		FleetRun<FakeFleet.Service, FakeFleet.Group> run = new FleetRun<>(options, factory, 0);
		run.start();
		failEleven();
		this.now.set(Duration.ofMinutes(1).toNanos());
		assertThat(this.retained.poll(30, TimeUnit.SECONDS)).isEmpty();
		String told = "swept: 1 more failures within a minute were logged at debug level";
		assertThat(this.recorder.lines(Level.WARN)).containsOnlyOnce(told);
		failEleven();
		run.stop();
		assertThat(this.recorder.lines(Level.WARN)).filteredOn(told::equals).hasSize(2);
	}

	private final class Protocol implements ProtocolRun<FakeFleet.Service, FakeFleet.Group> {

		@Override
		public FakeFleet.Group newGroup(String name) {
			throw new UnsupportedOperationException();
		}

		@Override
		public FakeFleet.Service newService(FakeFleet.Group group, ServiceConfig config, @Nullable Object info) {
			throw new UnsupportedOperationException();
		}

		@Override
		public RemovalMode removalMode() {
			return RemovalMode.IMMEDIATE;
		}

		@Override
		public Duration drainTimeout() {
			return Duration.ZERO;
		}

		@Override
		public Duration tickInterval() {
			return Duration.ZERO;
		}

		@Override
		public void retain(Set<String> names) {
			FleetRunSweepTests.this.retained.add(names);
		}

		@Override
		public boolean ownsCurrentThread() {
			return false;
		}

		@Override
		public void close(boolean channelsOpen, Duration timeout) {
		}

	}

}
