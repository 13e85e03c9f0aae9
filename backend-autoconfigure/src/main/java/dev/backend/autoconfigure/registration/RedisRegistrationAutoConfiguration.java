package dev.backend.autoconfigure.registration;

import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.discovery.redis.RedisServiceRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Auto-configuration of the Redis registry as the place to register this application in.
 */
@AutoConfiguration(after = RedisDiscoveryAutoConfiguration.class)
@ConditionalOnClass(RedisConnectionFactory.class)
@ConditionalOnBean(RedisServiceRegistry.class)
public final class RedisRegistrationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(ServiceRegistrar.class)
	RedisServiceRegistrar redisServiceRegistrar(RedisServiceRegistry registry) {
		return new RedisServiceRegistrar(registry);
	}

}
