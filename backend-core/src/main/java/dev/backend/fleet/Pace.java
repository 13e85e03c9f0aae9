package dev.backend.fleet;

import java.util.concurrent.TimeUnit;

/**
 * How soon a group may be published again. A publication copies its rings, which takes
 * the longer the more instances there are: the next one waits 19 times as long as the
 * last one took, so that publications take a twentieth of the control thread, but never
 * longer than {@value #LONGEST_MILLIS} ms. Changes that come meanwhile are published
 * together. A group that is small enough never waits. Control thread only.
 */
final class Pace {

	/** The longest that a change waits. */
	static final long LONGEST_MILLIS = 200;

	private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);

	/** A wait below is not worth a timer. */
	private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

	private static final int REST = 19;

	private long publishedAt;

	private long rest;

	/**
	 * Returns how long the next publication has to wait.
	 * @param now the present time
	 * @return nanoseconds, 0 for not at all
	 */
	long delay(long now) {
		return Math.max(0, this.rest - (now - this.publishedAt));
	}

	/**
	 * Takes note of a publication.
	 * @param begun when it has begun
	 * @param ended when it has ended
	 */
	void published(long begun, long ended) {
		long rest = (ended - begun) * REST;
		this.publishedAt = ended;
		this.rest = (rest < SHORTEST_NANOS) ? 0 : Math.min(rest, LONGEST_NANOS);
	}

}
