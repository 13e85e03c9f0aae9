package dev.backend.discovery.redis;

import java.time.Duration;

import dev.backend.settings.SettingChecks;

/**
 * Whether and how often a watcher of a registry key checks for expired entries, which the
 * others are then told of. Watchers elect one of them for that; it needs the right to
 * write.
 *
 * @param enabled whether a watcher stands for election
 * @param checkInterval the time between two checks of the one that is elected, 1 ms to 1
 * day
 * @param standbyInterval the time between two candidatures of one that was not elected, 1
 * ms to 1 day
 */
public record RedisCheckerSettings(boolean enabled, Duration checkInterval, Duration standbyInterval) {

	/**
	 * Checks the intervals.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public RedisCheckerSettings {
		SettingChecks.upToOneDay("checkInterval", checkInterval);
		SettingChecks.upToOneDay("standbyInterval", standbyInterval);
	}

	/**
	 * Returns the defaults: enabled, a check every second, a candidature every 8 s.
	 * @return the defaults
	 */
	public static RedisCheckerSettings defaults() {
		return new RedisCheckerSettings(true, Duration.ofSeconds(1), Duration.ofSeconds(8));
	}

	/**
	 * Returns no check, so that the right to read is enough.
	 * @return a check that is switched off
	 */
	public static RedisCheckerSettings off() {
		return new RedisCheckerSettings(false, Duration.ofSeconds(1), Duration.ofSeconds(8));
	}

}
