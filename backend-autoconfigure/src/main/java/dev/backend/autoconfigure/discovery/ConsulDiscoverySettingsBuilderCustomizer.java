package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.consul.ConsulDiscoverySettings;

/**
 * Changes the builder of the {@link ConsulDiscoverySettings} after the properties, and
 * what Spring Cloud Consul says of the agent, were applied. As a bean; several are called
 * in order.
 */
@FunctionalInterface
public interface ConsulDiscoverySettingsBuilderCustomizer {

	/**
	 * Changes a builder.
	 * @param builder the builder
	 */
	void customize(ConsulDiscoverySettings.Builder builder);

}
