package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.consul.ConsulDiscoverySettings;

/**
 * Changes the {@link ConsulDiscoverySettings} after the properties, and what Spring Cloud
 * Consul says of the agent, were applied. As a bean; several are called in order, each
 * with what the one before returned.
 */
@FunctionalInterface
public interface ConsulDiscoverySettingsCustomizer {

	/**
	 * Changes settings.
	 * @param settings the settings
	 * @return the changed copy
	 */
	ConsulDiscoverySettings customize(ConsulDiscoverySettings settings);

}
