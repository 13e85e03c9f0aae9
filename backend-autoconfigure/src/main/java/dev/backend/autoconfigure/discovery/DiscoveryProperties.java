package dev.backend.autoconfigure.discovery;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.backend.autoconfigure.Checks;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

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
 * @param snapshot Files with what the sources have listed last.
 */
@ConfigurationProperties("backend.discovery")
public record DiscoveryProperties(@DefaultValue(DiscoveryProperties.REDIS) List<String> sources,
		@DefaultValue List<String> allowedAddresses, @DefaultValue List<String> allowedPorts,
		@Nullable Duration lossConfirmation, @DefaultValue Snapshot snapshot) {

	/** The source that is the Redis registry. */
	public static final String REDIS = "redis";

	/** The source that is Consul. */
	public static final String CONSUL = "consul";

	/** The source that is whatever discovery client Spring Cloud has. */
	public static final String SPRING_CLOUD = "spring-cloud";

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
