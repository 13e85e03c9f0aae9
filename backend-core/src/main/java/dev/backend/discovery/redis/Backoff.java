package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The delays between retries: doubling up to a maximum, half of each one random, so that
 * a fleet does not come back all at once. For one thread.
 */
final class Backoff {

	private final Duration initial;

	private final Duration maximum;

	private Duration next;

	Backoff(Duration initial, Duration maximum) {
		this.initial = initial;
		this.maximum = maximum;
		this.next = initial;
	}

	Duration next() {
		long nanos = this.next.toNanos();
		Duration doubled = this.next.multipliedBy(2);
		this.next = (doubled.compareTo(this.maximum) < 0) ? doubled : this.maximum;
		return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 2 + 1));
	}

	void reset() {
		this.next = this.initial;
	}

}
