package dev.backend.discovery;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The delays between a source's retries: doubling up to a maximum, half of each one
 * random, so that a fleet does not come back all at once. For one thread.
 */
public final class Backoff {

	private final Duration initial;

	private final Duration maximum;

	private Duration next;

	/**
	 * Creates a back-off at its beginning.
	 * @param initial the longest first delay
	 * @param maximum the longest delay
	 */
	public Backoff(Duration initial, Duration maximum) {
		this.initial = initial;
		this.maximum = maximum;
		this.next = initial;
	}

	/**
	 * Returns the delay before the next retry.
	 * @return the delay, half to the whole of what it may be at most
	 */
	public Duration next() {
		long nanos = this.next.toNanos();
		Duration doubled = this.next.multipliedBy(2);
		this.next = (doubled.compareTo(this.maximum) < 0) ? doubled : this.maximum;
		return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 2 + 1));
	}

	/** Begins anew, after a success. */
	public void reset() {
		this.next = this.initial;
	}

}
