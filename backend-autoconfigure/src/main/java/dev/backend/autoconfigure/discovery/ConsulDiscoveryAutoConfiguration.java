package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.consul.ConsulDiscoverySettings;
import dev.backend.discovery.consul.ConsulServiceDiscovery;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.consul.ConsulAutoConfiguration;
import org.springframework.cloud.consul.ConsulProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of discovery by Consul, at the agent of Spring Cloud Consul.
 * Registration is Spring Cloud Consul's own.
 */
@AutoConfiguration(after = { ConsulAutoConfiguration.class, DiscoveryAutoConfiguration.class })
@ConditionalOnClass({ ConsulProperties.class, HttpClient.class, JsonMapper.class })
@ConditionalOnBean(ConsulProperties.class)
@ConditionalOnDiscoverySource(DiscoveryProperties.CONSUL)
@EnableConfigurationProperties(ConsulDiscoveryProperties.class)
public final class ConsulDiscoveryAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ConsulDiscoverySettings consulDiscoverySettings(ConsulDiscoveryProperties properties, ConsulProperties consul,
			InstanceRules rules, Environment environment,
			ObjectProvider<ConsulDiscoverySettingsCustomizer> customizers) {
		ConsulDiscoverySettings settings = properties.toSettings(new SpringCloudConsul(consul, environment).access(),
				rules);
		for (ConsulDiscoverySettingsCustomizer customizer : customizers.orderedStream().toList()) {
			settings = customizer.customize(settings);
		}
		return settings;
	}

	@Bean
	@ConditionalOnMissingBean(ServiceDiscovery.class)
	DiscoverySource consulDiscoverySource(ConsulDiscoverySettings settings, InstanceRules rules) {
		// Settings of the application's own know nothing of the allow-list.
		return new DiscoverySource(DiscoveryProperties.CONSUL,
				new ConsulServiceDiscovery(settings.withRules(settings.rules().limitedBy(rules))));
	}

}
