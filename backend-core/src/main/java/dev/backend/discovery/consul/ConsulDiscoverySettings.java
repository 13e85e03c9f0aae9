package dev.backend.discovery.consul;

import java.net.URI;
import java.util.List;
import java.util.Set;

import dev.backend.discovery.InstanceRules;
import dev.backend.settings.RetryDelays;
import dev.backend.settings.SettingChecks;
import org.jspecify.annotations.Nullable;

/**
 * Which agent of Consul is asked for which services, and how.
 *
 * @param access where the agent is, and how to prove who asks
 * @param serviceNames the names of the services to watch, whatever their case, as Consul
 * compares them; empty: all
 * @param tag the tag that an instance must carry, whatever its case, or {@code null} for
 * none; a blank one is none
 * @param timings the intervals and time-outs
 * @param retry the delays after failures
 * @param limits the bounds
 * @param rules what an entry must be like
 */
public record ConsulDiscoverySettings(ConsulAccess access, Set<String> serviceNames, @Nullable String tag,
		ConsulTimings timings, RetryDelays retry, ConsulLimits limits, InstanceRules rules) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if a name is blank
	 */
	public ConsulDiscoverySettings {
		serviceNames = SettingChecks.noneBlank("serviceNames", serviceNames);
		tag = (tag == null || tag.isBlank()) ? null : tag;
	}

	/**
	 * Returns the defaults: no token, the trust of the JVM, all services of any tag,
	 * {@link ConsulTimings#defaults()}, {@link RetryDelays#defaults()},
	 * {@link ConsulLimits#defaults()}, {@link InstanceRules#defaults()}.
	 * @param agent the agent's address: http or https, host, port, and the path under
	 * which a proxy has it, if there is one
	 * @return the defaults
	 * @throws IllegalArgumentException if the address is incomplete
	 */
	public static ConsulDiscoverySettings defaults(URI agent) {
		return new ConsulDiscoverySettings(ConsulAccess.of(agent), Set.of(), null, ConsulTimings.defaults(),
				RetryDelays.defaults(), ConsulLimits.defaults(), InstanceRules.defaults());
	}

	/**
	 * Returns these settings with another access.
	 * @param access where the agent is, and how to prove who asks
	 * @return the changed copy
	 */
	public ConsulDiscoverySettings withAccess(ConsulAccess access) {
		return new ConsulDiscoverySettings(access, this.serviceNames, this.tag, this.timings, this.retry, this.limits,
				this.rules);
	}

	/**
	 * Returns these settings with other services to watch.
	 * @param serviceNames their names; none: all services
	 * @return the changed copy
	 * @throws IllegalArgumentException if a name is blank
	 */
	public ConsulDiscoverySettings withServiceNames(String... serviceNames) {
		return withServiceNames(Set.copyOf(List.of(serviceNames)));
	}

	/**
	 * Returns these settings with other services to watch.
	 * @param serviceNames their names; empty: all services
	 * @return the changed copy
	 * @throws IllegalArgumentException if a name is blank
	 */
	public ConsulDiscoverySettings withServiceNames(Set<String> serviceNames) {
		return new ConsulDiscoverySettings(this.access, serviceNames, this.tag, this.timings, this.retry, this.limits,
				this.rules);
	}

	/**
	 * Returns these settings with another tag.
	 * @param tag the tag that an instance must carry; {@code null} or blank for none
	 * @return the changed copy
	 */
	public ConsulDiscoverySettings withTag(@Nullable String tag) {
		return new ConsulDiscoverySettings(this.access, this.serviceNames, tag, this.timings, this.retry, this.limits,
				this.rules);
	}

	/**
	 * Returns these settings with other intervals and time-outs.
	 * @param timings the intervals and time-outs
	 * @return the changed copy
	 */
	public ConsulDiscoverySettings withTimings(ConsulTimings timings) {
		return new ConsulDiscoverySettings(this.access, this.serviceNames, this.tag, timings, this.retry, this.limits,
				this.rules);
	}

	/**
	 * Returns these settings with other delays after failures.
	 * @param retry the delays
	 * @return the changed copy
	 */
	public ConsulDiscoverySettings withRetry(RetryDelays retry) {
		return new ConsulDiscoverySettings(this.access, this.serviceNames, this.tag, this.timings, retry, this.limits,
				this.rules);
	}

	/**
	 * Returns these settings with other bounds.
	 * @param limits the bounds
	 * @return the changed copy
	 */
	public ConsulDiscoverySettings withLimits(ConsulLimits limits) {
		return new ConsulDiscoverySettings(this.access, this.serviceNames, this.tag, this.timings, this.retry, limits,
				this.rules);
	}

	/**
	 * Returns these settings with other rules of entries.
	 * @param rules the rules
	 * @return the changed copy
	 */
	public ConsulDiscoverySettings withRules(InstanceRules rules) {
		return new ConsulDiscoverySettings(this.access, this.serviceNames, this.tag, this.timings, this.retry,
				this.limits, rules);
	}

	/** What is watched, for people. */
	String source() {
		return "consul at " + this.access.label();
	}

}
