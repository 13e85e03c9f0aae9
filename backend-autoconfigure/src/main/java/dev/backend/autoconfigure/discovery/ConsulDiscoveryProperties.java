package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.Set;

import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.consul.ConsulAccess;
import dev.backend.discovery.consul.ConsulDiscoverySettings;
import dev.backend.discovery.consul.ConsulLimits;
import dev.backend.discovery.consul.ConsulTimings;
import dev.backend.settings.RetryDelays;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What is watched in Consul. Read at start. Configure how to reach Consul with
 * spring.cloud.consul.
 *
 * @param services Names of the services to watch, whatever their case. Empty for all.
 * @param tag Tag that an instance must carry, whatever its case. None if not set.
 * @param waitTime Time for which Consul may hold a query while nothing changes. Must be
 * shorter than what any proxy in between allows.
 * @param responseTimeout Time that an answer of Consul may take, beyond the time that it
 * may hold the query.
 * @param confirmationDelay Time after a read that misses most of a group until another
 * read may confirm it.
 * @param maximumLongPolls Most services with a long poll, and so a connection, of their
 * own. Those beyond are read when anything in the datacenter changes.
 * @param maximumServices Most services that are watched; what is beyond is left out and
 * reported.
 */
@ConfigurationProperties("backend.discovery.consul")
public record ConsulDiscoveryProperties(@DefaultValue Set<String> services, @Nullable String tag,
		@DefaultValue("55s") Duration waitTime, @DefaultValue("5s") Duration responseTimeout,
		@DefaultValue("8s") Duration confirmationDelay, @DefaultValue("100") int maximumLongPolls,
		@DefaultValue("1000") int maximumServices) {

	private static final String PREFIX = "backend.discovery.consul.";

	/**
	 * Returns these properties as settings of the engine.
	 * @param access where the agent is, and how to prove who asks
	 * @param rules what an entry must be like
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its range
	 */
	ConsulDiscoverySettings toSettings(ConsulAccess access, InstanceRules rules) {
		return new ConsulDiscoverySettings(access, Checks.noneBlank(PREFIX + "services", this.services), this.tag,
				timings(), RetryDelays.defaults(), limits(), rules);
	}

	private ConsulTimings timings() {
		return ConsulTimings.defaults()
			.withWaitTime(
					Checks.inRange(PREFIX + "wait-time", this.waitTime, Duration.ofSeconds(1), Duration.ofMinutes(10)))
			.withResponseTimeout(Checks.upToOneDay(PREFIX + "response-timeout", this.responseTimeout))
			.withConfirmationDelay(Checks.upToOneDay(PREFIX + "confirmation-delay", this.confirmationDelay));
	}

	private ConsulLimits limits() {
		return new ConsulLimits(Checks.inRange(PREFIX + "maximum-long-polls", this.maximumLongPolls, 1, 1000),
				Checks.inRange(PREFIX + "maximum-services", this.maximumServices, 1, 10_000));
	}

}
