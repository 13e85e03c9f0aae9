package dev.backend.autoconfigure.discovery;

import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

import javax.net.ssl.SSLContext;

import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.consul.ConsulDiscoverySettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What is watched in Consul. Read at start. How to reach Consul is said by
 * spring.cloud.consul.
 *
 * @param services Names of the services to watch, compared exactly. Empty for all.
 * @param tag Tag that an instance must carry, whatever its case. None if not set.
 * @param waitTime Time for which Consul may hold a question while nothing changes. Must
 * be shorter than what any proxy in between allows.
 * @param responseTimeout Time that an answer of Consul may take, beyond the time that it
 * may hold the question.
 * @param confirmationDelay Time after a read that misses most of a group until another
 * read may confirm it.
 * @param maximumLongPolls Most services with a long poll, and so a connection, of their
 * own. Those beyond are read when anything in the datacenter changes.
 * @param maximumServices Most services that are watched; what is beyond is left out and
 * reported.
 * @param maximumInstances Most live instances that are taken; what is beyond is left out
 * and reported.
 */
@ConfigurationProperties("backend.discovery.consul")
public record ConsulDiscoveryProperties(@DefaultValue Set<String> services, @Nullable String tag,
		@DefaultValue("55s") Duration waitTime, @DefaultValue("5s") Duration responseTimeout,
		@DefaultValue("8s") Duration confirmationDelay, @DefaultValue("100") int maximumLongPolls,
		@DefaultValue("1000") int maximumServices, @DefaultValue("10000") int maximumInstances) {

	private static final String PREFIX = "backend.discovery.consul.";

	/**
	 * Returns these properties as settings of the engine.
	 * @param agent the agent's address
	 * @param token the token, or {@code null}
	 * @param sslContext whom to trust, or {@code null}
	 * @param customizer changes the builder last
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its range
	 */
	ConsulDiscoverySettings toSettings(URI agent, @Nullable String token, @Nullable SSLContext sslContext,
			Consumer<ConsulDiscoverySettings.Builder> customizer) {
		Checks.require(this.services.stream().noneMatch(String::isBlank), PREFIX + "services", this.services,
				"no blank name");
		ConsulDiscoverySettings.Builder builder = ConsulDiscoverySettings.builder(agent)
			.token(token)
			.sslContext(sslContext)
			.serviceNames(this.services)
			.tag(this.tag)
			.waitTime(inRange("wait-time", this.waitTime, Duration.ofSeconds(1), Duration.ofMinutes(10), "1s to 10m"))
			.responseTimeout(upToOneDay("response-timeout", this.responseTimeout))
			.confirmationDelay(upToOneDay("confirmation-delay", this.confirmationDelay))
			.maximumLongPolls(inRange("maximum-long-polls", this.maximumLongPolls, 1000))
			.maximumServices(inRange("maximum-services", this.maximumServices, 10_000))
			.maximumInstances(inRange("maximum-instances", this.maximumInstances, 100_000));
		customizer.accept(builder);
		return builder.build();
	}

	private static Duration upToOneDay(String property, Duration value) {
		return inRange(property, value, Duration.ofMillis(1), Duration.ofDays(1), "1ms to 1d");
	}

	private static Duration inRange(String property, Duration value, Duration least, Duration most,
			String expectation) {
		return Checks.require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0, PREFIX + property, value,
				expectation);
	}

	private static int inRange(String property, int value, int most) {
		return Checks.require(value >= 1 && value <= most, PREFIX + property, value, "1 to " + most);
	}

}
