package dev.backend.settings;

import java.time.Duration;

/**
 * How long to wait between attempts that fail. Each failure doubles the delay up to the
 * maximum, and half of it is random, so that those who failed together do not come back
 * together.
 *
 * @param initial the longest delay before the second attempt; 1 ms to 1 day
 * @param maximum the longest delay of all; at least the initial one, at most 1 day
 */
public record RetryDelays(Duration initial, Duration maximum) {

	/**
	 * Checks the delays.
	 * @throws InvalidSettingException if one is out of its range
	 */
	public RetryDelays {
		SettingChecks.upToOneDay("retry.initial", initial);
		SettingChecks.upToOneDay("retry.maximum", maximum);
		SettingChecks.atLeast("retry.maximum", maximum, "retry.initial", initial);
	}

	/**
	 * Returns the defaults: 100 ms, up to 1 s.
	 * @return the defaults
	 */
	public static RetryDelays defaults() {
		return new RetryDelays(Duration.ofMillis(100), Duration.ofSeconds(1));
	}

}
