package dev.backend.discovery.consul;

import java.time.Duration;

import dev.backend.settings.RetryDelays;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class QueryThrottleTests {

	private static final long INTERVAL = Duration.ofMillis(100).toNanos();

	private final QueryThrottle throttle = new QueryThrottle(
			new RetryDelays(Duration.ofMillis(100), Duration.ofMillis(300)));

	@Test
	void whenManyBeginAtOnceThenThreeMayAndThenOnePerInterval() {
		long now = Long.MAX_VALUE - 10;
		assertThat(this.throttle.begin(now)).isZero();
		assertThat(this.throttle.begin(now)).isZero();
		assertThat(this.throttle.begin(now)).isZero();
		assertThat(this.throttle.begin(now)).isEqualTo(INTERVAL);
		assertThat(this.throttle.begin(now + INTERVAL - 1)).isEqualTo(1);
		assertThat(this.throttle.begin(now + INTERVAL)).isZero();
		assertThat(this.throttle.begin(now + INTERVAL)).isEqualTo(INTERVAL);
	}

	@Test
	void whenNothingHasBegunForLongThenThreeMayAgain() {
		for (int i = 0; i < 3; i++) {
			this.throttle.begin(0);
		}
		long later = 50 * INTERVAL;
		for (int i = 0; i < 3; i++) {
			assertThat(this.throttle.begin(later)).isZero();
		}
		assertThat(this.throttle.begin(later)).isPositive();
	}

	@Test
	void afterEachFailureTheDelayDoublesUpToTheMaximumUntilSomethingSucceeds() {
		assertDelay(100);
		assertDelay(200);
		assertDelay(300);
		assertDelay(300);
		this.throttle.succeeded();
		assertDelay(100);
	}

	@Test
	void whenAskingAgainDoesNotMendItThenTheDelayGrowsToHalfAMinute() {
		for (int i = 0; i < 20; i++) {
			this.throttle.failedForLong();
		}
		assertThat(this.throttle.failedForLong()).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
		assertDelay(300);
	}

	private void assertDelay(long millis) {
		assertThat(this.throttle.failed()).isBetween(Duration.ofMillis(millis / 2), Duration.ofMillis(millis));
	}

}
