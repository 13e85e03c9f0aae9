package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.Set;

import dev.backend.autoconfigure.Checks;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is asked of Spring Cloud's discovery client. Read at start. How to reach the
 * registry is said to the client.
 *
 * @param services Names of the services to watch, as the client has them. Empty for all
 * that it lists.
 * @param pollInterval Longest time between two reads while no event of the client tells
 * of a change.
 * @param responseTimeout Time that one answer of the client may take. What hangs is told
 * of after this and the poll interval together.
 * @param confirmationDelay Time after a read that misses most of a group until another
 * read may confirm it. At least the poll interval.
 * @param maximumInstances Most instances that are taken; what is beyond is left out and
 * reported.
 * @param reactive Whether to ask the reactive client where there is a blocking one too,
 * which spring.cloud.discovery.blocking.enabled=false also says.
 */
@ConfigurationProperties("backend.discovery.spring-cloud")
public record SpringCloudDiscoveryProperties(@DefaultValue Set<String> services,
		@DefaultValue("2s") Duration pollInterval, @DefaultValue("2500ms") Duration responseTimeout,
		@DefaultValue("15s") Duration confirmationDelay, @DefaultValue("10000") int maximumInstances,
		@DefaultValue("false") boolean reactive) {

	private static final String PREFIX = "backend.discovery.spring-cloud.";

	private static final Duration SHORTEST = Duration.ofMillis(100);

	private static final Duration LONGEST = Duration.ofDays(1);

	/**
	 * Checks the values.
	 * @throws org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException
	 * if one is out of its range
	 */
	public SpringCloudDiscoveryProperties {
		services = Checks.noneBlank(PREFIX + "services", services);
		inRange("poll-interval", pollInterval);
		inRange("response-timeout", responseTimeout);
		inRange("confirmation-delay", confirmationDelay);
		Checks.require(confirmationDelay.compareTo(pollInterval) >= 0, PREFIX + "confirmation-delay", confirmationDelay,
				"at least " + PREFIX + "poll-interval, " + pollInterval);
		Checks.inRange(PREFIX + "maximum-instances", maximumInstances, 1, 100_000);
	}

	private static void inRange(String property, Duration value) {
		Checks.inRange(PREFIX + property, value, SHORTEST, LONGEST);
	}

}
