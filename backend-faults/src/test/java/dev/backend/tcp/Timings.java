package dev.backend.tcp;

import java.time.Duration;
import java.util.Arrays;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How long something took, time after time. Logged for people; asserted only against ten
 * times the promise, because the machine of a test is busy.
 */
final class Timings {

	private static final Logger logger = LoggerFactory.getLogger(Timings.class);

	private static final int TOLERANCE = 10;

	private final String what;

	private long[] nanos = new long[1024];

	private int size;

	Timings(String what) {
		this.what = what;
	}

	synchronized void add(long nanos) {
		if (this.size == this.nanos.length) {
			this.nanos = Arrays.copyOf(this.nanos, this.size * 2);
		}
		this.nanos[this.size++] = nanos;
	}

	/** Logs the figures, and compares one of them with what is promised. */
	void assertWithin(Duration promise, double quantile) {
		log(promise);
		assertThat(Duration.ofNanos(at(quantile))).as(this.what).isLessThan(promise.multipliedBy(TOLERANCE));
	}

	/** Logs the figures. */
	synchronized void log(Duration promise) {
		Arrays.sort(this.nanos, 0, this.size);
		logger.info("{}: {} times, p50 {}, p99 {}, p99.9 {}, max {} (promised: {})", this.what, this.size, millis(0.5),
				millis(0.99), millis(0.999), millis(1), promise);
	}

	private long at(double quantile) {
		return this.nanos[(int) Math.ceil(quantile * this.size) - 1];
	}

	private String millis(double quantile) {
		return "%.3f ms".formatted(at(quantile) / 1e6);
	}

}
