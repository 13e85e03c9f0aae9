package dev.backend.autoconfigure.discovery;

import java.util.List;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where instances come from. Read at start.
 *
 * @param sources Registries to discover instances in. Of two instances with the same name
 * and id, the one of the source that is named first is used. A ServiceDiscovery bean of
 * the application is used in place of all; "custom" says that there is one.
 */
@ConfigurationProperties("backend.discovery")
public record DiscoveryProperties(@DefaultValue(DiscoveryProperties.REDIS) List<String> sources) {

	/** The source that is the Redis registry. */
	public static final String REDIS = "redis";

	/** The source that stands for a bean of the application. */
	public static final String CUSTOM = "custom";

	static final String SOURCES = "backend.discovery.sources";

}
