package dev.backend.tcp;

import java.time.Duration;

import dev.backend.settings.DurationText;

/**
 * Durations as nanoseconds that may be added to {@link System#nanoTime()}: 146 years at
 * most, which keeps the comparison of such times right.
 */
final class Nanos {

	private static final long MOST = Long.MAX_VALUE / 2;

	private Nanos() {
	}

	/** The nanoseconds of a time that is not negative. */
	static long of(Duration time) {
		return (time.getSeconds() < MOST / 1_000_000_000L) ? time.toNanos() : MOST;
	}

	/**
	 * The nanoseconds of a time-out.
	 * @throws IllegalArgumentException if it is not positive
	 */
	static long ofTimeout(Duration timeout) {
		if (timeout.isNegative() || timeout.isZero()) {
			throw new IllegalArgumentException("timeout: %s (expected: > 0)".formatted(DurationText.of(timeout)));
		}
		return of(timeout);
	}

}
