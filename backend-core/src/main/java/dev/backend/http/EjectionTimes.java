package dev.backend.http;

import java.time.Duration;

/**
 * How long the ejections of one instance last: each twice as long as the one before, up
 * to a maximum. For each time of the length of the last one that the instance stays well,
 * one is forgotten. Event loop only.
 */
final class EjectionTimes {

	/** How often the base time is doubled for the next. */
	private int doublings;

	private Duration last = Duration.ZERO;

	private long endedAt;

	/** Returns the time of an ejection that begins now. */
	Duration next(HttpEjection settings, long now) {
		if (!this.last.isZero()) {
			long forgotten = (now - this.endedAt) / this.last.toNanos();
			this.doublings = (int) Math.max(0, this.doublings - forgotten);
		}
		Duration time = settings.baseTime();
		for (int i = 0; i < this.doublings && time.compareTo(settings.maximumTime()) < 0; i++) {
			time = time.multipliedBy(2);
		}
		boolean growing = time.compareTo(settings.maximumTime()) < 0;
		this.doublings += growing ? 1 : 0;
		this.last = growing ? time : settings.maximumTime();
		return this.last;
	}

	void ended(long now) {
		this.endedAt = now;
	}

}
