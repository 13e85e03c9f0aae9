package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of what all discovery types share.
 */
@AutoConfiguration
@EnableConfigurationProperties(DiscoveryProperties.class)
public final class DiscoveryAutoConfiguration {

	/** What an entry must be like, whatever source it comes from. */
	@Bean
	@Fallback
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	InstanceRules backendInstanceRules(DiscoveryProperties properties) {
		return properties.rules();
	}

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	DiscoveryResolver backendDiscoveryResolver(DiscoveryProperties properties, InstanceRules rules,
			ObjectProvider<ServiceDiscovery> discoveries, ConfigurableListableBeanFactory beanFactory,
			Environment environment) {
		return new DiscoveryResolver(properties, rules, discoveries, beanFactory, environment);
	}

}
