package dev.backend.discovery.consul;

import java.time.Duration;

import dev.backend.execution.Backoff;
import dev.backend.execution.Backoff.Jitter;
import dev.backend.settings.RetryDelays;

/**
 * When to ask again. What is answered may be asked a few times at once, then once per
 * interval (the generic cell rate algorithm, ITU-T I.371). What fails is asked after a
 * delay that doubles up to a maximum, half of it random, so that neither the polls of one
 * application nor a fleet come back all at once; the maximum is longer for what asking
 * again does not mend. For one thread.
 */
final class QueryThrottle {

	private static final int AT_ONCE = 3;

	private static final long INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

	private static final long TOLERANCE_NANOS = (AT_ONCE - 1) * INTERVAL_NANOS;

	/** The longest delay for what fails again until somebody has changed something. */
	private static final Duration LONGEST = Duration.ofSeconds(30);

	private final RetryDelays retry;

	private final Backoff backoff = new Backoff(Jitter.HALF);

	private boolean begun;

	/** When the next query would begin if all kept to the interval. */
	private long theoreticalNanos;

	QueryThrottle(RetryDelays retry) {
		this.retry = retry;
	}

	/**
	 * Begins to ask, if that is allowed now.
	 * @param now the time by {@link System#nanoTime()}
	 * @return zero if it has begun, else the nanoseconds to wait before trying again
	 */
	long begin(long now) {
		if (!this.begun || this.theoreticalNanos - now < 0) {
			this.begun = true;
			this.theoreticalNanos = now;
		}
		long early = this.theoreticalNanos - now - TOLERANCE_NANOS;
		if (early > 0) {
			return early;
		}
		this.theoreticalNanos += INTERVAL_NANOS;
		return 0;
	}

	/** Returns how long to wait after one more failure. */
	Duration failed() {
		return this.backoff.next(this.retry.initial(), this.retry.maximum());
	}

	/** Returns how long to wait after one more failure whose reason will stay a while. */
	Duration failedForLong() {
		Duration longest = (LONGEST.compareTo(this.retry.maximum()) > 0) ? LONGEST : this.retry.maximum();
		return this.backoff.next(this.retry.initial(), longest);
	}

	/** There was an answer, or all begins anew. */
	void succeeded() {
		this.backoff.reset();
	}

}
