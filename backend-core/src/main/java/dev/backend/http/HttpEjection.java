package dev.backend.http;

import java.time.Duration;
import java.util.Objects;

import dev.backend.settings.SettingChecks;

/**
 * When an instance whose probe succeeds is taken off its rings for a while all the same,
 * because requests to it fail: see {@link HttpService#failed(Throwable)}.
 *
 * @param enabled whether that is done at all
 * @param consecutiveFailures how many requests in a row must fail
 * @param baseTime how long the first ejection of an instance lasts; each that follows
 * lasts twice as long as the one before. For each time of that length that the instance
 * then stays on its rings, one ejection is forgotten
 * @param maximumTime the longest time of an ejection
 * @param maximumPercent how many of the instances of a group whose probe succeeds may be
 * ejected at once, in percent; 50 at most. Rounded down, so a single one never is
 */
public record HttpEjection(boolean enabled, int consecutiveFailures, Duration baseTime, Duration maximumTime,
		int maximumPercent) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public HttpEjection {
		Objects.requireNonNull(baseTime, "baseTime");
		Objects.requireNonNull(maximumTime, "maximumTime");
		SettingChecks.positive("consecutiveFailures", consecutiveFailures);
		SettingChecks.positive("baseTime", baseTime);
		SettingChecks.atLeast("maximumTime", maximumTime, "baseTime", baseTime);
		SettingChecks.inRange("maximumPercent", maximumPercent, 1, 50);
	}

	/**
	 * Returns no ejection. Were it enabled: 5 failures, 30 s to 5 min, half of a group.
	 * @return ejection that is switched off
	 */
	public static HttpEjection off() {
		return new HttpEjection(false, 5, Duration.ofSeconds(30), Duration.ofMinutes(5), 50);
	}

	/**
	 * Returns ejection after 5 failures in a row, for 30 s to 5 min, of up to half of a
	 * group.
	 * @return ejection that is switched on
	 */
	public static HttpEjection on() {
		return new HttpEjection(true, 5, Duration.ofSeconds(30), Duration.ofMinutes(5), 50);
	}

	/**
	 * Returns this with another number of failures.
	 * @param consecutiveFailures how many requests in a row must fail
	 * @return the changed copy
	 */
	public HttpEjection after(int consecutiveFailures) {
		return new HttpEjection(this.enabled, consecutiveFailures, this.baseTime, this.maximumTime,
				this.maximumPercent);
	}

	/**
	 * Returns this with other times.
	 * @param baseTime how long the first ejection lasts
	 * @param maximumTime the longest time
	 * @return the changed copy
	 */
	public HttpEjection lasting(Duration baseTime, Duration maximumTime) {
		return new HttpEjection(this.enabled, this.consecutiveFailures, baseTime, maximumTime, this.maximumPercent);
	}

	/** How many may be ejected at once. */
	int permitted(int answering) {
		return this.enabled ? (int) ((long) answering * this.maximumPercent / 100) : 0;
	}

}
