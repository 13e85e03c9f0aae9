package dev.backend.autoconfigure.discovery;

import java.util.List;

import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.MergedDiscovery;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisServiceDiscovery;
import dev.backend.discovery.redis.RedisServiceRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Auto-configuration of the Redis registry, its reading and its writing side. The writing
 * side is there wherever instances are discovered, and does nothing by itself.
 */
@AutoConfiguration(after = { DataRedisAutoConfiguration.class, DiscoveryAutoConfiguration.class })
@ConditionalOnClass(RedisConnectionFactory.class)
@ConditionalOnSingleCandidate(RedisConnectionFactory.class)
@ConditionalOnProperty(RedisDiscoveryProperties.KEY)
@EnableConfigurationProperties(RedisDiscoveryProperties.class)
@ImportRuntimeHints(RedisScriptHints.class)
public final class RedisDiscoveryAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	RedisRegistrySettings redisRegistrySettings(RedisDiscoveryProperties properties, InstanceRules rules,
			ObjectProvider<RedisRegistrySettingsCustomizer> customizers) {
		RedisRegistrySettings settings = properties.toSettings(rules);
		for (RedisRegistrySettingsCustomizer customizer : customizers.orderedStream().toList()) {
			settings = customizer.customize(settings);
		}
		return settings;
	}

	@Bean
	@ConditionalOnDiscoverySource(DiscoveryProperties.REDIS)
	@ConditionalOnMissingBean(ServiceDiscovery.class)
	DiscoverySource redisDiscoverySource(RedisConnectionFactory connectionFactory, RedisRegistrySettings settings,
			InstanceRules rules, RedisDiscoveryProperties properties) {
		// Settings of the application's own know nothing of the allow-list.
		List<ServiceDiscovery> sources = properties.watched(settings.withRules(settings.rules().limitedBy(rules)))
			.stream()
			.<ServiceDiscovery>map((watched) -> new RedisServiceDiscovery(connectionFactory, watched))
			.toList();
		return new DiscoverySource(DiscoveryProperties.REDIS,
				(sources.size() == 1) ? sources.get(0) : MergedDiscovery.of(sources));
	}

	@Bean
	@ConditionalOnMissingBean
	RedisServiceRegistry redisServiceRegistry(RedisConnectionFactory connectionFactory,
			RedisRegistrySettings settings) {
		return new RedisServiceRegistry(connectionFactory, settings);
	}

}
