package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link LivenessCheck} on an event loop whose time the test moves.
 */
class LivenessCheckTests {

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private long now;

	private TcpLiveness settings = idle(4);

	private final LivenessCheck check = new LivenessCheck(this.channel.eventLoop(), () -> this.settings,
			() -> this.now);

	LivenessCheckTests() {
		this.channel.freezeTime();
	}

	@AfterEach
	void close() {
		this.channel.finish();
	}

	private static TcpLiveness idle(int seconds) {
		return new TcpLiveness(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(seconds), Duration.ZERO, Duration.ZERO);
	}

	private void millis(long millis) {
		this.channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
		this.now += TimeUnit.MILLISECONDS.toNanos(millis);
		this.channel.runScheduledPendingTasks();
	}

	private void seconds(int count) {
		for (int i = 0; i < count; i++) {
			millis(1000);
		}
	}

	private boolean scheduled() {
		return this.channel.runScheduledPendingTasks() >= 0;
	}

	private RecordingLiveness add() {
		RecordingLiveness watch = new RecordingLiveness();
		watch.onClose = () -> this.check.remove(watch);
		this.check.add(watch);
		return watch;
	}

	@Test
	void timerRunsOnlyWhileThereAreConnections() {
		assertThat(scheduled()).isFalse();
		RecordingLiveness watch = add();
		assertThat(scheduled()).isTrue();
		seconds(2);
		assertThat(scheduled()).isTrue();
		this.check.remove(watch);
		this.check.remove(watch);
		assertThat(scheduled()).isFalse();
		add();
		seconds(5);
		assertThat(scheduled()).isFalse();
	}

	@Test
	void whenConnectionsComeAndGoThenEachThatIsThereIsCheckedOnce() {
		List<RecordingLiveness> watches = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			watches.add(add());
		}
		List<RecordingLiveness> removed = new ArrayList<>();
		for (int i = 99; i >= 0; i -= 3) {
			removed.add(watches.remove(i));
			this.check.remove(removed.get(removed.size() - 1));
		}
		seconds(4);
		watches.subList(0, 10).forEach(PeerLiveness::heard);
		seconds(1);
		assertThat(removed).allMatch((watch) -> watch.actions.isEmpty());
		assertThat(watches.subList(0, 10)).allMatch((watch) -> watch.actions.isEmpty());
		assertThat(watches.subList(10, watches.size()))
			.allSatisfy((watch) -> assertThat(watch.actions).containsExactly("idle PT4S"));
	}

	@Test
	void whenCheckComesLateThenEveryConnectionHasTheFullTimeAgain() {
		RecordingLiveness watch = add();
		seconds(4);
		millis(10_000);
		assertThat(watch.actions).isEmpty();
		seconds(3);
		assertThat(watch.actions).isEmpty();
		seconds(1);
		assertThat(watch.actions).containsExactly("idle PT4S");
	}

	@Test
	void whenCheckComesALittleLateThenTheTimeCounts() {
		RecordingLiveness watch = add();
		seconds(1);
		millis(1900);
		millis(1900);
		assertThat(watch.actions).isEmpty();
		seconds(1);
		assertThat(watch.actions).containsExactly("idle PT4S");
	}

	@ParameterizedTest
	@ValueSource(ints = { 4, 50, 997, 2500, 4001, 4999, 5000, 10_000, 60_000 })
	void howeverLateTheChecksAndWhateverIsWrittenThePeerHearsFromThisSideWithinTheInterval(int interval) {
		this.settings = new TcpLiveness(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofMillis(interval),
				Duration.ZERO);
		int checkInterval = new PeerLiveness.Rules(this.settings).interval();
		RecordingLiveness watch = add();
		List<Long> gaps = new ArrayList<>();
		long[] last = { this.now };
		Runnable written = () -> {
			gaps.add(TimeUnit.NANOSECONDS.toMillis(this.now - last[0]));
			last[0] = this.now;
		};
		watch.onHeartbeat = written;
		Random random = new Random(interval);
		for (int i = 0; i < 10_000; i++) {
			// The check that is due is up to one interval late.
			millis(1 + random.nextInt(checkInterval));
			watch.heard();
			if (random.nextInt(100) == 0) {
				watch.spoken();
				written.run();
			}
		}
		assertThat(watch.actions).hasSizeGreaterThan(10).containsOnly("heartbeat");
		assertThat(gaps).allSatisfy((gap) -> assertThat(gap).isLessThanOrEqualTo(interval));
	}

	@Test
	void whenChecksAreInTimeThenHeartbeatsAreNotMuchMoreOftenThanNeeded() {
		this.settings = new TcpLiveness(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(60),
				Duration.ZERO);
		RecordingLiveness watch = add();
		for (int i = 0; i < 5900; i++) {
			watch.heard();
			millis(100);
		}
		assertThat(watch.actions).hasSize(10).containsOnly("heartbeat");
	}

	@Test
	void whenCheckComesLateThenThePeersHearFromThisSideAtOnceAndAreNotJudged() {
		this.settings = new TcpLiveness(Duration.ofSeconds(4), Duration.ofSeconds(8), Duration.ZERO,
				Duration.ofSeconds(60), Duration.ZERO);
		RecordingLiveness watch = add();
		seconds(3);
		millis(100_000);
		assertThat(watch.actions).containsExactly("heartbeat");
	}

	@Test
	void whenSettingsChangeThenTheyApplyFromTheNextCheckOn() {
		RecordingLiveness watch = add();
		seconds(3);
		this.settings = idle(2);
		seconds(1);
		assertThat(watch.actions).containsExactly("idle PT2S");
	}

	@Test
	void whenOneConnectionFailsToBeCheckedThenTheChecksGoOn() {
		RecordingLiveness watch = add();
		RecordingLiveness broken = add();
		broken.onClose = () -> {
			this.check.remove(broken);
			throw new IllegalStateException("forced");
		};
		seconds(10);
		assertThat(watch.actions).containsExactly("idle PT4S");
	}

}
