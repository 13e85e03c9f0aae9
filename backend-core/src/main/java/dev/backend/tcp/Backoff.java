package dev.backend.tcp;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The wait before each new attempt to connect: exponential with full jitter. Event loop
 * only.
 */
final class Backoff {

	private int attempts;

	/**
	 * Returns the wait before the next attempt.
	 * @param timings holds the initial and the largest upper end
	 * @param random chooses evenly between zero and the upper end
	 * @return the wait, in nanoseconds
	 */
	long nextNanos(TcpTimings timings, RandomGenerator random) {
		long upper = upperEnd(timings.backoffInitial(), timings.backoffMax());
		this.attempts++;
		return random.nextLong(upper + 1);
	}

	/** Returns how many waits there were since the start or the last reset. */
	int attempts() {
		return this.attempts;
	}

	/** Starts over, after a connection has proved stable. */
	void reset() {
		this.attempts = 0;
	}

	private long upperEnd(Duration initial, Duration max) {
		long maxNanos = max.toNanos();
		long upper = initial.toNanos();
		for (int i = 0; i < this.attempts && upper < maxNanos; i++) {
			upper = Math.min(maxNanos, upper * 2);
		}
		return upper;
	}

}
