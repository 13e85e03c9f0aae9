package dev.backend.discovery.redis;

import dev.backend.settings.SettingChecks;

/**
 * What is read of a registry key at most, whatever anybody writes to it. What is beyond
 * is left out inside Redis, counted as rejected and reported.
 *
 * @param members the most entries that are taken, 1 to 100,000; those that are known come
 * before new ones
 * @param memberBytes the most bytes of one entry, 64 to 1,048,576
 * @param totalBytes the most bytes of the entries of one answer, at least those of one
 * entry. The entries with the newest heartbeats come first
 */
public record RedisReadLimits(int members, int memberBytes, int totalBytes) {

	/**
	 * Checks the limits.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public RedisReadLimits {
		SettingChecks.inRange("maximumMembers", members, 1, 100_000);
		SettingChecks.inRange("maximumMemberSize", memberBytes, 64, 1 << 20);
		SettingChecks.inRange("maximumReadSize", totalBytes, memberBytes, Integer.MAX_VALUE);
	}

	/**
	 * Returns the defaults: 10,000 entries of at most 8,192 bytes, 32 MiB together.
	 * @return the defaults
	 */
	public static RedisReadLimits defaults() {
		return new RedisReadLimits(10_000, RegistryMember.MAXIMUM_LENGTH, 32 << 20);
	}

	/**
	 * Returns these limits with another bound on the entries.
	 * @param members the most entries, 1 to 100,000
	 * @return the changed copy
	 * @throws IllegalArgumentException if the number is out of its range
	 */
	public RedisReadLimits withMembers(int members) {
		return new RedisReadLimits(members, this.memberBytes, this.totalBytes);
	}

	/**
	 * Returns these limits with another bound on the size of one entry.
	 * @param memberBytes the most bytes, 64 to 1,048,576
	 * @return the changed copy
	 * @throws IllegalArgumentException if the number is out of its range
	 */
	public RedisReadLimits withMemberBytes(int memberBytes) {
		return new RedisReadLimits(this.members, memberBytes, this.totalBytes);
	}

	/**
	 * Returns these limits with another bound on the size of an answer.
	 * @param totalBytes the most bytes, at least those of one entry
	 * @return the changed copy
	 * @throws IllegalArgumentException if the number is out of its range
	 */
	public RedisReadLimits withTotalBytes(int totalBytes) {
		return new RedisReadLimits(this.members, this.memberBytes, totalBytes);
	}

}
