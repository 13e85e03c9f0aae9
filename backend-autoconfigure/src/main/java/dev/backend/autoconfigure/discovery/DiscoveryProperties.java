package dev.backend.autoconfigure.discovery;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where instances come from. Read at start.
 *
 * @param type Registry to discover instances in. A ServiceDiscovery bean of the
 * application is used in any case; "custom" says that there is one.
 */
@ConfigurationProperties("backend.discovery")
public record DiscoveryProperties(@DefaultValue(DiscoveryProperties.REDIS) String type) {

	/** The type of the Redis registry. */
	public static final String REDIS = "redis";

	/** The type that stands for a bean of the application. */
	public static final String CUSTOM = "custom";

}
