package dev.backend.autoconfigure.discovery;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.guard.AllowList;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Where instances come from, and which of them are believed in. Read at start.
 *
 * @param sources Registries to discover instances in. Of two instances with the same name
 * and id, the one of the source that is named first is used. A ServiceDiscovery bean of
 * the application is used in place of all; "custom" says that there is one.
 * @param allowedAddresses IP addresses and networks, such as 10.0.0.0/8, in which
 * instances may be. Empty for all. If not empty, instances with a host name are refused.
 * @param allowedPorts Ports and ranges of ports, such as 7000-7999, that instances may
 * have. Empty for all.
 * @param lossConfirmation Time after a read that misses most of a group until another
 * read may confirm it; 0 to believe the first. As long as the sources need if not set.
 * @param limits What an entry of a registry may be like, whatever the source.
 * @param snapshot Files with what the sources have listed last.
 */
@ConfigurationProperties("backend.discovery")
public record DiscoveryProperties(@DefaultValue(DiscoveryProperties.REDIS) List<String> sources,
		@DefaultValue List<String> allowedAddresses, @DefaultValue List<String> allowedPorts,
		@Nullable Duration lossConfirmation, @DefaultValue Limits limits, @DefaultValue Snapshot snapshot) {

	/** The source that is the Redis registry. */
	public static final String REDIS = "redis";

	/** The source that is Consul. */
	public static final String CONSUL = "consul";

	/** The source that is whatever discovery client Spring Cloud has. */
	public static final String SPRING_CLOUD = "spring-cloud";

	/** The source that is DNS. */
	public static final String DNS = "dns";

	/** The source that is the properties themselves. */
	public static final String STATIC = "static";

	/** The source that stands for a bean of the application. */
	public static final String CUSTOM = "custom";

	static final String SOURCES = "backend.discovery.sources";

	/**
	 * Hands on how much later a read must confirm the loss of most of a group, if that is
	 * set.
	 * @param builder the method of the builder
	 */
	public void applyLossConfirmation(Consumer<Duration> builder) {
		if (this.lossConfirmation != null) {
			builder.accept(Checks.notNegative("backend.discovery.loss-confirmation", this.lossConfirmation));
		}
	}

	/**
	 * Returns what an entry of a registry must be like to be used.
	 * @return the bounds and the allow-list
	 * @throws org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException
	 * if a value cannot be used
	 */
	InstanceRules rules() {
		InstanceRules rules = this.limits.rules();
		if (this.allowedAddresses.isEmpty() && this.allowedPorts.isEmpty()) {
			return rules;
		}
		return rules.withAllowed(AllowList.of(
				parsed("backend.discovery.allowed-addresses", this.allowedAddresses,
						(addresses) -> AllowList.of(addresses, List.of())),
				parsed("backend.discovery.allowed-ports", this.allowedPorts,
						(ports) -> AllowList.of(List.of(), ports))));
	}

	private static List<String> parsed(String property, List<String> values, Function<List<String>, AllowList> parser) {
		for (String value : values) {
			try {
				parser.apply(List.of(value));
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidConfigurationPropertyValueException(property, value, ex.getMessage());
			}
		}
		return values;
	}

	/**
	 * What an entry of a registry may be like.
	 *
	 * @param instances Most entries that are taken from one source, 1 to 100000; those
	 * beyond are left out and reported, and those that are known stay.
	 * @param tags Most tags of an instance, 0 to 1000: those of the registry, and as many
	 * routing tags. An instance with more is left out and reported.
	 * @param metadata Most characters of the metadata of an instance, keys and values
	 * together, 0 to 1000000. An instance with more is left out and reported.
	 */
	public record Limits(@DefaultValue("10000") int instances, @DefaultValue("100") int tags,
			@DefaultValue("8192") int metadata) {

		private static final String PREFIX = "backend.discovery.limits.";

		InstanceRules rules() {
			Checks.inRange(PREFIX + "instances", this.instances, 1, 100_000);
			Checks.inRange(PREFIX + "tags", this.tags, 0, 1000);
			Checks.inRange(PREFIX + "metadata", this.metadata, 0, 1_000_000);
			return new InstanceRules(this.instances, this.tags, this.metadata, List.of());
		}

	}

	/**
	 * Files for a start without the registry.
	 *
	 * @param directory Folder in which each source keeps a file, named after it, from
	 * which this application can start while the registry is down. One per application
	 * and process. No files are kept if it is not set.
	 * @param maximumAge Time after the last read for which a file may be used.
	 */
	public record Snapshot(@Nullable Path directory, @DefaultValue("1d") Duration maximumAge) {

		Duration checkedMaximumAge() {
			return Checks.positive("backend.discovery.snapshot.maximum-age", this.maximumAge);
		}

	}

}
