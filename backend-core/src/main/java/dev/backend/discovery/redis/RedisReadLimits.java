package dev.backend.discovery.redis;

import dev.backend.settings.SettingChecks;

/**
 * How much is read of a registry key at most, whatever anybody writes to it. What is
 * beyond is left out inside Redis, counted and reported.
 *
 * @param memberBytes the most bytes of one entry, 64 to 1,048,576
 * @param totalBytes the most bytes of the entries of one answer, at least those of one
 * entry. The entries with the newest heartbeats come first
 */
public record RedisReadLimits(int memberBytes, int totalBytes) {

	/**
	 * Checks the limits.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public RedisReadLimits {
		SettingChecks.inRange("maximumMemberSize", memberBytes, 64, 1 << 20);
		SettingChecks.inRange("maximumReadSize", totalBytes, memberBytes, Integer.MAX_VALUE);
	}

	/**
	 * Returns the defaults: 8,192 bytes of one entry, 32 MiB of all.
	 * @return the defaults
	 */
	public static RedisReadLimits defaults() {
		return new RedisReadLimits(RegistryMember.MAXIMUM_LENGTH, 32 << 20);
	}

}
