package dev.backend.settings;

import java.time.Duration;

/**
 * Writes durations in messages: in the largest unit of which they are a whole number, as
 * properties are written and read, such as {@code 500ms}, {@code 5s} and {@code 90s}.
 */
public final class DurationText {

	/** So many can be counted in nanoseconds. */
	private static final long EXACT_SECONDS = 9_000_000_000L;

	private DurationText() {
	}

	/**
	 * Returns a duration in words.
	 * @param duration the duration; of one of many years, the whole seconds
	 * @return the number with its unit: ns, us, ms, s, m, h or d
	 */
	public static String of(Duration duration) {
		long seconds = duration.getSeconds();
		int nanos = duration.getNano();
		if (nanos != 0 && seconds > -EXACT_SECONDS && seconds < EXACT_SECONDS) {
			return ofPartsOfASecond(duration.toNanos());
		}
		if (seconds % 60 != 0 || seconds == 0) {
			return seconds + "s";
		}
		if (seconds % 3600 != 0) {
			return seconds / 60 + "m";
		}
		return (seconds % 86_400 != 0) ? seconds / 3600 + "h" : seconds / 86_400 + "d";
	}

	private static String ofPartsOfASecond(long nanos) {
		if (nanos % 1000 != 0) {
			return nanos + "ns";
		}
		return (nanos % 1_000_000 != 0) ? nanos / 1000 + "us" : nanos / 1_000_000 + "ms";
	}

	/**
	 * Returns a measured duration in words, where parts of a millisecond mean nothing.
	 * @param nanos the duration in nanoseconds
	 * @return the whole milliseconds with their unit
	 */
	public static String ofNanos(long nanos) {
		return of(Duration.ofMillis(nanos / 1_000_000));
	}

}
