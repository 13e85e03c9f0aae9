package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.ServiceDiscovery;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the one discovery that stands for all sources.
 */
@AutoConfiguration(after = RedisDiscoveryAutoConfiguration.class)
@ConditionalOnBean(DiscoverySource.class)
public final class MergedDiscoveryAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ServiceDiscovery backendServiceDiscovery(DiscoveryResolver resolver, ObjectProvider<DiscoverySource> sources) {
		return resolver.merge(sources.stream().toList());
	}

}
