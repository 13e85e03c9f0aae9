package dev.backend.discovery.consul;

import dev.backend.settings.SettingChecks;

/**
 * The bounds of a {@link ConsulServiceDiscovery}. What is beyond the last one is left out
 * and reported.
 *
 * @param longPolls how many services have a long poll of their own, 1 to 1,000; each
 * takes one connection
 * @param services how many services are watched when no names are given, 1 to 10,000
 */
public record ConsulLimits(int longPolls, int services) {

	/**
	 * Checks the bounds.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public ConsulLimits {
		SettingChecks.inRange("longPolls", longPolls, 1, 1000);
		SettingChecks.inRange("services", services, 1, 10_000);
	}

	/**
	 * Returns the defaults: 100 long polls, 1,000 services.
	 * @return the defaults
	 */
	public static ConsulLimits defaults() {
		return new ConsulLimits(100, 1000);
	}

	/**
	 * Returns these bounds with another number of long polls.
	 * @param longPolls the number
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public ConsulLimits withLongPolls(int longPolls) {
		return new ConsulLimits(longPolls, this.services);
	}

	/**
	 * Returns these bounds with another number of services.
	 * @param services the number
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public ConsulLimits withServices(int services) {
		return new ConsulLimits(this.longPolls, services);
	}

}
