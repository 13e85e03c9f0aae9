package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.StaticDiscovery;
import dev.backend.discovery.guard.GuardedDiscovery;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the instances that are written down in the properties.
 */
@AutoConfiguration(after = DiscoveryAutoConfiguration.class)
@ConditionalOnDiscoverySource(DiscoveryProperties.STATIC)
@EnableConfigurationProperties(StaticDiscoveryProperties.class)
public final class StaticDiscoveryAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(ServiceDiscovery.class)
	DiscoverySource staticDiscoverySource(StaticDiscoveryProperties properties, InstanceRules rules) {
		return new DiscoverySource(DiscoveryProperties.STATIC, GuardedDiscovery
			.of(StaticDiscovery.of(StaticDiscoveryProperties.SERVICES, properties.instances()), rules));
	}

}
