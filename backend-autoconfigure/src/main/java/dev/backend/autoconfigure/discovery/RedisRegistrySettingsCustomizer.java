package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.redis.RedisRegistrySettings;

/**
 * Changes the {@link RedisRegistrySettings} after the properties were applied. As a bean;
 * several are called in order, each with what the one before returned.
 */
@FunctionalInterface
public interface RedisRegistrySettingsCustomizer {

	/**
	 * Changes settings.
	 * @param settings the settings
	 * @return the changed copy
	 */
	RedisRegistrySettings customize(RedisRegistrySettings settings);

}
