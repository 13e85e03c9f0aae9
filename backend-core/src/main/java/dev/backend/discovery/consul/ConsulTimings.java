package dev.backend.discovery.consul;

import java.time.Duration;

import dev.backend.settings.SettingChecks;

/**
 * The intervals and time-outs of a {@link ConsulServiceDiscovery}, each 1 ms to 1 day but
 * for the wait.
 *
 * @param waitTime how long Consul may hold a query while nothing changes, 1 s to 10 min.
 * Must be shorter than what any proxy in between allows
 * @param responseTimeout how long an answer may take, beyond the time that Consul may
 * hold the query
 * @param probeInterval the time between two queries whether the agent is there
 * @param confirmationDelay how long after a read that misses most of a group another one
 * must confirm that
 */
public record ConsulTimings(Duration waitTime, Duration responseTimeout, Duration probeInterval,
		Duration confirmationDelay) {

	/** The longest time for which the agent may be silent about whether it is there. */
	private static final Duration LONGEST_PROBE = Duration.ofSeconds(2);

	/**
	 * Checks the durations.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public ConsulTimings {
		SettingChecks.inRange("waitTime", waitTime, Duration.ofSeconds(1), Duration.ofMinutes(10));
		SettingChecks.upToOneDay("responseTimeout", responseTimeout);
		SettingChecks.upToOneDay("probeInterval", probeInterval);
		SettingChecks.upToOneDay("confirmationDelay", confirmationDelay);
	}

	/**
	 * Returns the defaults: wait 55 s, response 5 s, probe every 2 s, confirmation after
	 * 8 s.
	 * @return the defaults
	 */
	public static ConsulTimings defaults() {
		return new ConsulTimings(Duration.ofSeconds(55), Duration.ofSeconds(5), Duration.ofSeconds(2),
				Duration.ofSeconds(8));
	}

	/**
	 * Returns these timings with another wait.
	 * @param waitTime how long Consul may hold a query
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public ConsulTimings withWaitTime(Duration waitTime) {
		return new ConsulTimings(waitTime, this.responseTimeout, this.probeInterval, this.confirmationDelay);
	}

	/**
	 * Returns these timings with another time-out of answers.
	 * @param responseTimeout the time-out
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public ConsulTimings withResponseTimeout(Duration responseTimeout) {
		return new ConsulTimings(this.waitTime, responseTimeout, this.probeInterval, this.confirmationDelay);
	}

	/**
	 * Returns these timings with another interval of probes.
	 * @param probeInterval the interval
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public ConsulTimings withProbeInterval(Duration probeInterval) {
		return new ConsulTimings(this.waitTime, this.responseTimeout, probeInterval, this.confirmationDelay);
	}

	/**
	 * Returns these timings with another delay of confirmations.
	 * @param confirmationDelay the delay
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public ConsulTimings withConfirmationDelay(Duration confirmationDelay) {
		return new ConsulTimings(this.waitTime, this.responseTimeout, this.probeInterval, confirmationDelay);
	}

	/** How long the agent may take to say that it is there, or to be connected to. */
	Duration probeTimeout() {
		return (this.responseTimeout.compareTo(LONGEST_PROBE) < 0) ? this.responseTimeout : LONGEST_PROBE;
	}

}
