package dev.backend.discovery.consul;

import java.time.Duration;

import dev.backend.settings.RetryDelays;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PaceTests {

	private static final long INTERVAL = Duration.ofMillis(100).toNanos();

	private final Pace pace = new Pace(new RetryDelays(Duration.ofMillis(100), Duration.ofMillis(300)));

	@Test
	void whenManyBeginAtOnceThenThreeMayAndThenOnePerInterval() {
		long now = Long.MAX_VALUE - 10;
		assertThat(this.pace.begin(now)).isZero();
		assertThat(this.pace.begin(now)).isZero();
		assertThat(this.pace.begin(now)).isZero();
		assertThat(this.pace.begin(now)).isEqualTo(INTERVAL);
		assertThat(this.pace.begin(now + INTERVAL - 1)).isEqualTo(1);
		assertThat(this.pace.begin(now + INTERVAL)).isZero();
		assertThat(this.pace.begin(now + INTERVAL)).isEqualTo(INTERVAL);
	}

	@Test
	void whenNothingHasBegunForLongThenThreeMayAgain() {
		for (int i = 0; i < 3; i++) {
			this.pace.begin(0);
		}
		long later = 50 * INTERVAL;
		for (int i = 0; i < 3; i++) {
			assertThat(this.pace.begin(later)).isZero();
		}
		assertThat(this.pace.begin(later)).isPositive();
	}

	@Test
	void afterEachFailureTheDelayDoublesUpToTheMaximumUntilSomethingSucceeds() {
		assertDelay(100);
		assertDelay(200);
		assertDelay(300);
		assertDelay(300);
		this.pace.succeeded();
		assertDelay(100);
	}

	private void assertDelay(long millis) {
		assertThat(this.pace.failed()).isBetween(Duration.ofMillis(millis / 2), Duration.ofMillis(millis));
	}

}
