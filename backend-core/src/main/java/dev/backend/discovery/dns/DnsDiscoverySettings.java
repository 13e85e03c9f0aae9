package dev.backend.discovery.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

import dev.backend.ServiceConfig;
import dev.backend.discovery.InstanceRules;
import dev.backend.settings.RetryDelays;
import dev.backend.settings.SettingChecks;

/**
 * What DNS is asked for, and how often. Immutable.
 *
 * @param services the services, 1 to {@value #MAXIMUM_SERVICES}, each name once
 * @param nameServers whom to ask, in their order; empty: those of the system
 * @param minimumInterval the shortest time between two reads of a service, 1 ms to 1 day
 * @param maximumInterval the longest time until the next read, whatever the time to live
 * of the records; at least the minimum, at most 1 day
 * @param responseTimeout how long a read may take, all attempts together; 1 ms to 1 day
 * @param confirmationDelay how long after a read that misses most of a group another one
 * must confirm that; at least the maximum interval, at most 1 day
 * @param retry the delays after failures
 * @param rules what an instance must be like
 */
public record DnsDiscoverySettings(List<DnsService> services, List<InetSocketAddress> nameServers,
		Duration minimumInterval, Duration maximumInterval, Duration responseTimeout, Duration confirmationDelay,
		RetryDelays retry, InstanceRules rules) {

	/** The most services: each question has a socket of its own. */
	public static final int MAXIMUM_SERVICES = 100;

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public DnsDiscoverySettings {
		services = List.copyOf(services);
		nameServers = List.copyOf(nameServers);
		SettingChecks.inRange("services", services.size(), 1, MAXIMUM_SERVICES);
		long names = services.stream().map((service) -> ServiceConfig.normalize(service.name())).distinct().count();
		SettingChecks.require(names == services.size(), "services", services, "each name once");
		SettingChecks.require(nameServers.stream().noneMatch(InetSocketAddress::isUnresolved), "nameServers",
				nameServers, "IP addresses");
		SettingChecks.upToOneDay("minimumInterval", minimumInterval);
		SettingChecks.upToOneDay("maximumInterval", maximumInterval);
		SettingChecks.atLeast("maximumInterval", maximumInterval, "minimumInterval", minimumInterval);
		SettingChecks.upToOneDay("responseTimeout", responseTimeout);
		SettingChecks.upToOneDay("confirmationDelay", confirmationDelay);
		SettingChecks.atLeast("confirmationDelay", confirmationDelay, "maximumInterval", maximumInterval);
	}

	/**
	 * Returns the defaults: the system's name servers, a read after 1 to 30 s that may
	 * take 5 s, confirmation after 30 s, {@link RetryDelays#defaults()},
	 * {@link InstanceRules#defaults()}.
	 * @param services the services
	 * @return the defaults
	 */
	public static DnsDiscoverySettings defaults(List<DnsService> services) {
		return new DnsDiscoverySettings(services, List.of(), Duration.ofSeconds(1), Duration.ofSeconds(30),
				Duration.ofSeconds(5), Duration.ofSeconds(30), RetryDelays.defaults(), InstanceRules.defaults());
	}

	/**
	 * Returns these settings with other name servers.
	 * @param nameServers whom to ask; empty: those of the system
	 * @return the changed copy
	 */
	public DnsDiscoverySettings withNameServers(List<InetSocketAddress> nameServers) {
		return new DnsDiscoverySettings(this.services, nameServers, this.minimumInterval, this.maximumInterval,
				this.responseTimeout, this.confirmationDelay, this.retry, this.rules);
	}

	/**
	 * Returns these settings with other times.
	 * @param minimumInterval the shortest time between two reads of a service
	 * @param maximumInterval the longest time until the next read
	 * @param responseTimeout how long a read may take
	 * @param confirmationDelay how much later another read must confirm a loss
	 * @return the changed copy
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public DnsDiscoverySettings withTimings(Duration minimumInterval, Duration maximumInterval,
			Duration responseTimeout, Duration confirmationDelay) {
		return new DnsDiscoverySettings(this.services, this.nameServers, minimumInterval, maximumInterval,
				responseTimeout, confirmationDelay, this.retry, this.rules);
	}

	/**
	 * Returns these settings with other rules.
	 * @param rules what an instance must be like
	 * @return the changed copy
	 */
	public DnsDiscoverySettings withRules(InstanceRules rules) {
		return new DnsDiscoverySettings(this.services, this.nameServers, this.minimumInterval, this.maximumInterval,
				this.responseTimeout, this.confirmationDelay, this.retry, rules);
	}

	/** What is watched, for people. */
	String source() {
		return (this.services.size() == 1) ? "dns name " + this.services.get(0).host()
				: this.services.size() + " dns names";
	}

}
