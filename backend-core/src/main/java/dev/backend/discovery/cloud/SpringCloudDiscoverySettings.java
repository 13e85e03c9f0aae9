package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import dev.backend.discovery.InstanceRules;
import dev.backend.settings.SettingChecks;

/**
 * What is asked of a discovery client of Spring Cloud, and when. How to reach the
 * registry is said to the client.
 *
 * @param serviceNames the names of the services to watch, as the client has them; empty:
 * all that it lists
 * @param pollInterval the longest time between two reads while nothing tells of a change,
 * 100 ms to 1 day
 * @param responseTimeout how long one answer of the client may take, 100 ms to 1 day.
 * What hangs is told of after this and the poll interval together
 * @param confirmationDelay how long after a read that misses most of a group another one
 * must confirm that, at least the poll interval, at most 1 day. Longer than what the
 * registry needs until an instance that lives is seen again: the interval of its
 * registrations and every cache up to the client's, one after another
 * @param maximumServices how many services are watched when no names are given, 1 to
 * 10,000; what is beyond is left out and reported
 * @param rules what an instance must be like to be used
 */
public record SpringCloudDiscoverySettings(Set<String> serviceNames, Duration pollInterval, Duration responseTimeout,
		Duration confirmationDelay, int maximumServices, InstanceRules rules) {

	private static final Duration SHORTEST = Duration.ofMillis(100);

	private static final Duration LONGEST = Duration.ofDays(1);

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if a name is blank, or a value out of its range;
	 * the message names it
	 */
	public SpringCloudDiscoverySettings {
		serviceNames = SettingChecks.noneBlank("serviceNames", serviceNames);
		SettingChecks.inRange("pollInterval", pollInterval, SHORTEST, LONGEST);
		SettingChecks.inRange("responseTimeout", responseTimeout, SHORTEST, LONGEST);
		SettingChecks.inRange("confirmationDelay", confirmationDelay, SHORTEST, LONGEST);
		SettingChecks.atLeast("confirmationDelay", confirmationDelay, "pollInterval", pollInterval);
		SettingChecks.inRange("maximumServices", maximumServices, 1, 10_000);
	}

	/**
	 * Returns the defaults: all services, a read every 2 s, answers within 2.5 s,
	 * confirmation after 90 s, 1,000 services, {@link InstanceRules#defaults()}.
	 * @return the defaults
	 */
	public static SpringCloudDiscoverySettings defaults() {
		return new SpringCloudDiscoverySettings(Set.of(), Duration.ofSeconds(2), Duration.ofMillis(2500),
				Duration.ofSeconds(90), 1000, InstanceRules.defaults());
	}

	/**
	 * Returns these settings with other services to watch.
	 * @param serviceNames their names; none: all services
	 * @return the changed copy
	 * @throws IllegalArgumentException if a name is blank
	 */
	public SpringCloudDiscoverySettings withServiceNames(String... serviceNames) {
		return withServiceNames(Set.copyOf(List.of(serviceNames)));
	}

	/**
	 * Returns these settings with other services to watch.
	 * @param serviceNames their names; empty: all services
	 * @return the changed copy
	 * @throws IllegalArgumentException if a name is blank
	 */
	public SpringCloudDiscoverySettings withServiceNames(Set<String> serviceNames) {
		return new SpringCloudDiscoverySettings(serviceNames, this.pollInterval, this.responseTimeout,
				this.confirmationDelay, this.maximumServices, this.rules);
	}

	/**
	 * Returns these settings with another interval of reads.
	 * @param pollInterval the longest time between two reads
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public SpringCloudDiscoverySettings withPollInterval(Duration pollInterval) {
		return new SpringCloudDiscoverySettings(this.serviceNames, pollInterval, this.responseTimeout,
				this.confirmationDelay, this.maximumServices, this.rules);
	}

	/**
	 * Returns these settings with another time-out of answers.
	 * @param responseTimeout how long one answer may take
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public SpringCloudDiscoverySettings withResponseTimeout(Duration responseTimeout) {
		return new SpringCloudDiscoverySettings(this.serviceNames, this.pollInterval, responseTimeout,
				this.confirmationDelay, this.maximumServices, this.rules);
	}

	/**
	 * Returns these settings with another delay of confirmations.
	 * @param confirmationDelay the delay
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public SpringCloudDiscoverySettings withConfirmationDelay(Duration confirmationDelay) {
		return new SpringCloudDiscoverySettings(this.serviceNames, this.pollInterval, this.responseTimeout,
				confirmationDelay, this.maximumServices, this.rules);
	}

	/**
	 * Returns these settings with another number of services.
	 * @param maximumServices how many are watched when no names are given
	 * @return the changed copy
	 * @throws IllegalArgumentException if it is out of its range
	 */
	public SpringCloudDiscoverySettings withMaximumServices(int maximumServices) {
		return new SpringCloudDiscoverySettings(this.serviceNames, this.pollInterval, this.responseTimeout,
				this.confirmationDelay, maximumServices, this.rules);
	}

	/**
	 * Returns these settings with other rules.
	 * @param rules what an instance must be like to be used
	 * @return the changed copy
	 */
	public SpringCloudDiscoverySettings withRules(InstanceRules rules) {
		return new SpringCloudDiscoverySettings(this.serviceNames, this.pollInterval, this.responseTimeout,
				this.confirmationDelay, this.maximumServices, rules);
	}

}
