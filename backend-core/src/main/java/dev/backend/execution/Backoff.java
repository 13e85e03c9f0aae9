package dev.backend.execution;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * The delays between attempts that fail: their upper end doubles up to a maximum, and a
 * part of each is random, so that those who failed together do not come back together.
 * The bounds are given with each question, since settings may change meanwhile. For one
 * thread.
 *
 * <p>
 * See "Exponential Backoff And Jitter" (M. Brooker, AWS Architecture Blog, 2015) for the
 * two kinds of {@link Jitter}.
 */
public final class Backoff {

	/** Which part of a delay is random. */
	public enum Jitter {

		/** All of it: spreads many best. */
		FULL,

		/** Half of it: a delay that is never short, for where each attempt costs. */
		HALF

	}

	private final Jitter jitter;

	private int attempts;

	/**
	 * Creates a back-off at its beginning.
	 * @param jitter which part of a delay is random
	 */
	public Backoff(Jitter jitter) {
		this.jitter = jitter;
	}

	/**
	 * Returns the delay before the next attempt.
	 * @param initial the upper end of the first delay
	 * @param maximum the largest upper end
	 * @return the delay
	 */
	public Duration next(Duration initial, Duration maximum) {
		return next(initial, maximum, ThreadLocalRandom.current());
	}

	/**
	 * Returns the delay before the next attempt.
	 * @param initial the upper end of the first delay
	 * @param maximum the largest upper end
	 * @param random chooses evenly within the random part
	 * @return the delay
	 */
	public Duration next(Duration initial, Duration maximum, RandomGenerator random) {
		long upper = upperEnd(initial, maximum);
		this.attempts++;
		long lower = (this.jitter == Jitter.HALF) ? upper - upper / 2 : 0;
		return Duration.ofNanos(lower + random.nextLong(upper - lower + 1));
	}

	/**
	 * Returns how many delays there were since the beginning or the last reset.
	 * @return the number
	 */
	public int attempts() {
		return this.attempts;
	}

	/** Starts over, after a success that counts. */
	public void reset() {
		this.attempts = 0;
	}

	private long upperEnd(Duration initial, Duration maximum) {
		long maximumNanos = maximum.toNanos();
		long upper = initial.toNanos();
		for (int i = 0; i < this.attempts && upper < maximumNanos; i++) {
			upper = (upper <= maximumNanos / 2) ? upper * 2 : maximumNanos;
		}
		return upper;
	}

}
