package dev.backend.discovery.redis;

import java.time.Duration;

import dev.backend.settings.SettingChecks;

/**
 * The intervals and time-outs of a registry key in Redis, each 1 ms to 1 day.
 *
 * @param expiry for how long an entry lives after its last heartbeat; equal across the
 * fleet
 * @param heartbeatInterval the time between two heartbeats of a registration, less than
 * the expiry
 * @param readInterval the longest time between two reads while nobody tells of a change
 * @param probeInterval the time between two looks at whether the key can still be read
 * @param responseTimeout for how long an answer of Redis is waited for. It is the command
 * time-out of the registry's own connections, whatever the application's is
 * @param closeTimeout for how long closing waits for the deregistration
 */
public record RedisRegistryTimings(Duration expiry, Duration heartbeatInterval, Duration readInterval,
		Duration probeInterval, Duration responseTimeout, Duration closeTimeout) {

	/**
	 * Checks the durations.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public RedisRegistryTimings {
		SettingChecks.upToOneDay("expiry", expiry);
		SettingChecks.upToOneDay("heartbeatInterval", heartbeatInterval);
		SettingChecks.upToOneDay("readInterval", readInterval);
		SettingChecks.upToOneDay("probeInterval", probeInterval);
		SettingChecks.upToOneDay("responseTimeout", responseTimeout);
		SettingChecks.upToOneDay("closeTimeout", closeTimeout);
		SettingChecks.lessThan("heartbeatInterval", heartbeatInterval, "expiry", expiry);
	}

	/**
	 * Returns the defaults, of which the first two are those of the contract
	 * {@code gobase-v1}: expiry 8 s, heartbeat every 4 s, read every 8 s, probe every 2
	 * s, response 2 s, close 2 s.
	 * @return the defaults
	 */
	public static RedisRegistryTimings defaults() {
		return new RedisRegistryTimings(Duration.ofSeconds(8), Duration.ofSeconds(4), Duration.ofSeconds(8),
				Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(2));
	}

	/**
	 * Returns these timings with another life of entries and another heartbeat, which
	 * depend on each other.
	 * @param expiry for how long an entry lives after its last heartbeat
	 * @param heartbeatInterval the time between two heartbeats, less than the expiry
	 * @return the changed copy
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public RedisRegistryTimings withExpiry(Duration expiry, Duration heartbeatInterval) {
		return new RedisRegistryTimings(expiry, heartbeatInterval, this.readInterval, this.probeInterval,
				this.responseTimeout, this.closeTimeout);
	}

	/**
	 * Returns these timings with another heartbeat.
	 * @param heartbeatInterval the time between two heartbeats, less than the expiry
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public RedisRegistryTimings withHeartbeatInterval(Duration heartbeatInterval) {
		return withExpiry(this.expiry, heartbeatInterval);
	}

	/**
	 * Returns these timings with another interval of reads.
	 * @param readInterval the interval
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public RedisRegistryTimings withReadInterval(Duration readInterval) {
		return new RedisRegistryTimings(this.expiry, this.heartbeatInterval, readInterval, this.probeInterval,
				this.responseTimeout, this.closeTimeout);
	}

	/**
	 * Returns these timings with another interval of probes.
	 * @param probeInterval the interval
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public RedisRegistryTimings withProbeInterval(Duration probeInterval) {
		return new RedisRegistryTimings(this.expiry, this.heartbeatInterval, this.readInterval, probeInterval,
				this.responseTimeout, this.closeTimeout);
	}

	/**
	 * Returns these timings with another time-out of answers.
	 * @param responseTimeout the time-out
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public RedisRegistryTimings withResponseTimeout(Duration responseTimeout) {
		return new RedisRegistryTimings(this.expiry, this.heartbeatInterval, this.readInterval, this.probeInterval,
				responseTimeout, this.closeTimeout);
	}

	/**
	 * Returns these timings with another time-out of the deregistration.
	 * @param closeTimeout the time-out
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public RedisRegistryTimings withCloseTimeout(Duration closeTimeout) {
		return new RedisRegistryTimings(this.expiry, this.heartbeatInterval, this.readInterval, this.probeInterval,
				this.responseTimeout, closeTimeout);
	}

}
