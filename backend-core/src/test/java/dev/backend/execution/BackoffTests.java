package dev.backend.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

import dev.backend.execution.Backoff.Jitter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link Backoff} with random generators that answer with their bounds.
 */
class BackoffTests {

	private static final RandomGenerator LARGEST = (Bounded) (bound) -> bound - 1;

	private static final RandomGenerator SMALLEST = (Bounded) (bound) -> 0;

	private static List<Duration> delays(Backoff backoff, Duration initial, Duration maximum, RandomGenerator random,
			int count) {
		List<Duration> delays = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			delays.add(backoff.next(initial, maximum, random));
		}
		return delays;
	}

	private static List<Duration> millis(long... millis) {
		List<Duration> durations = new ArrayList<>();
		for (long one : millis) {
			durations.add(Duration.ofMillis(one));
		}
		return durations;
	}

	@ParameterizedTest
	@EnumSource
	void upperEndDoublesUpToTheLargest(Jitter jitter) {
		assertThat(delays(new Backoff(jitter), Duration.ofMillis(100), Duration.ofSeconds(1), LARGEST, 6))
			.isEqualTo(millis(100, 200, 400, 800, 1000, 1000));
	}

	@Test
	void whenJitterIsFullThenTheLowerEndIsZero() {
		assertThat(delays(new Backoff(Jitter.FULL), Duration.ofMillis(100), Duration.ofSeconds(1), SMALLEST, 3))
			.containsOnly(Duration.ZERO);
	}

	@Test
	void whenJitterIsHalfThenTheLowerEndIsHalfOfTheUpperEnd() {
		assertThat(delays(new Backoff(Jitter.HALF), Duration.ofMillis(100), Duration.ofSeconds(1), SMALLEST, 5))
			.isEqualTo(millis(50, 100, 200, 400, 500));
	}

	@Test
	void whenResetThenItStartsOver() {
		Backoff backoff = new Backoff(Jitter.FULL);
		delays(backoff, Duration.ofMillis(100), Duration.ofSeconds(1), LARGEST, 5);
		assertThat(backoff.attempts()).isEqualTo(5);
		backoff.reset();
		assertThat(backoff.attempts()).isZero();
		assertThat(delays(backoff, Duration.ofMillis(100), Duration.ofSeconds(1), LARGEST, 2))
			.isEqualTo(millis(100, 200));
	}

	@ParameterizedTest
	@EnumSource
	void whenAttemptsAreManyThenUpperEndDoesNotOverflow(Jitter jitter) {
		Duration maximum = Duration.ofDays(365 * 290);
		assertThat(delays(new Backoff(jitter), Duration.ofNanos(1), maximum, LARGEST, 1_000)).isSorted()
			.last()
			.isEqualTo(maximum);
	}

	@Test
	void delayIsSpreadEvenlyFromZeroToTheUpperEnd() {
		Backoff backoff = new Backoff(Jitter.FULL);
		Random random = new Random(1);
		int[] counts = new int[10];
		for (int i = 0; i < 10_000; i++) {
			counts[(int) backoff.next(Duration.ofNanos(9), Duration.ofNanos(9), random).toNanos()]++;
		}
		assertThat(counts).satisfies((all) -> {
			for (int count : all) {
				assertThat(count).isBetween(850, 1_150);
			}
		});
	}

	/** A generator of which only bounded numbers are asked. */
	@FunctionalInterface
	private interface Bounded extends RandomGenerator {

		@Override
		long nextLong(long bound);

		@Override
		default long nextLong() {
			throw new IllegalStateException("unbounded");
		}

	}

}
