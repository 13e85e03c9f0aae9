package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link Backoff} with a random generator that answers with its bounds.
 */
class BackoffTests {

	private final Backoff backoff = new Backoff();

	private static TcpTimings timings(Duration initial, Duration max) {
		TcpTimings timings = TcpTimings.defaults();
		return new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), initial, max, timings.stableAfter(),
				timings.drainTimeout(), timings.tickInterval());
	}

	private List<Duration> upperEnds(TcpTimings timings, int count) {
		List<Duration> upperEnds = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			upperEnds.add(Duration.ofNanos(this.backoff.nextNanos(timings, new Largest())));
		}
		return upperEnds;
	}

	@Test
	void upperEndDoublesUpToTheLargest() {
		assertThat(upperEnds(timings(Duration.ofMillis(100), Duration.ofSeconds(1)), 6)).containsExactly(
				Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(800),
				Duration.ofSeconds(1), Duration.ofSeconds(1));
	}

	@Test
	void whenResetThenItStartsOver() {
		TcpTimings timings = timings(Duration.ofMillis(100), Duration.ofSeconds(1));
		upperEnds(timings, 5);
		this.backoff.reset();
		assertThat(upperEnds(timings, 2)).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
	}

	@Test
	void whenAttemptsAreManyThenUpperEndDoesNotOverflow() {
		Duration max = Duration.ofDays(365 * 140);
		List<Duration> upperEnds = upperEnds(timings(Duration.ofNanos(1), max), 1_000);
		assertThat(upperEnds).isSorted().last().isEqualTo(max);
	}

	@Test
	void waitIsSpreadEvenlyFromZeroToTheUpperEnd() {
		TcpTimings timings = timings(Duration.ofNanos(9), Duration.ofNanos(9));
		Random random = new Random(1);
		int[] counts = new int[10];
		for (int i = 0; i < 10_000; i++) {
			counts[(int) this.backoff.nextNanos(timings, random)]++;
		}
		assertThat(counts).satisfies((all) -> {
			for (int count : all) {
				assertThat(count).isBetween(850, 1_150);
			}
		});
	}

	/** Answers with the largest number that is allowed. */
	private static final class Largest implements RandomGenerator {

		@Override
		public long nextLong() {
			throw new IllegalStateException("unbounded");
		}

		@Override
		public long nextLong(long bound) {
			return bound - 1;
		}

	}

}
