package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.Set;

import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.cloud.SpringCloudDiscoverySettings;
import dev.backend.settings.DurationText;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What is asked of Spring Cloud's discovery client. Read at start. Configure how to reach
 * the registry with the client's own properties.
 *
 * @param services Names of the services to watch, as the client has them. Empty for all
 * that it lists.
 * @param pollInterval Longest time between two reads while no event of the client tells
 * of a change.
 * @param responseTimeout Time that one answer of the client may take. What hangs is told
 * of after this and the poll interval together.
 * @param confirmationDelay Time after a read that misses most of a group until another
 * read may confirm it. At least the poll interval, and longer than the registry needs
 * until an instance that lives is seen again.
 * @param maximumServices Most services that are watched; what is beyond is left out and
 * reported.
 * @param reactive Whether to ask the reactive client where there is a blocking one too,
 * which spring.cloud.discovery.blocking.enabled=false also says.
 */
@ConfigurationProperties("backend.discovery.spring-cloud")
public record SpringCloudDiscoveryProperties(@DefaultValue Set<String> services,
		@DefaultValue("2s") Duration pollInterval, @DefaultValue("2500ms") Duration responseTimeout,
		@DefaultValue("90s") Duration confirmationDelay, @DefaultValue("1000") int maximumServices,
		@DefaultValue("false") boolean reactive) {

	private static final String PREFIX = "backend.discovery.spring-cloud.";

	private static final Duration SHORTEST = Duration.ofMillis(100);

	private static final Duration LONGEST = Duration.ofDays(1);

	/**
	 * Returns these properties as settings of the engine.
	 * @param rules what an instance must be like to be used
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its range
	 */
	SpringCloudDiscoverySettings toSettings(InstanceRules rules) {
		Checks.require(this.confirmationDelay.compareTo(this.pollInterval) >= 0, PREFIX + "confirmation-delay",
				this.confirmationDelay, "at least " + PREFIX + "poll-interval, " + DurationText.of(this.pollInterval));
		return new SpringCloudDiscoverySettings(Checks.noneBlank(PREFIX + "services", this.services),
				inRange("poll-interval", this.pollInterval), inRange("response-timeout", this.responseTimeout),
				inRange("confirmation-delay", this.confirmationDelay),
				Checks.inRange(PREFIX + "maximum-services", this.maximumServices, 1, 10_000), rules);
	}

	private static Duration inRange(String property, Duration value) {
		return Checks.inRange(PREFIX + property, value, SHORTEST, LONGEST);
	}

}
