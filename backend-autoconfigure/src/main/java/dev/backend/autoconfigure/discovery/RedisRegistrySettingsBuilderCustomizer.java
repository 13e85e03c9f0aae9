package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.redis.RedisRegistrySettings;

/**
 * Changes the builder of the {@link RedisRegistrySettings} after the properties were
 * applied. As a bean; several are called in order.
 */
@FunctionalInterface
public interface RedisRegistrySettingsBuilderCustomizer {

	/**
	 * Changes a builder.
	 * @param builder the builder
	 */
	void customize(RedisRegistrySettings.Builder builder);

}
