package dev.backend.autoconfigure.discovery;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.cloud.SpringCloudDiscoverySettings;
import dev.backend.discovery.cloud.SpringCloudServiceDiscovery;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of discovery by whatever discovery client of Spring Cloud the
 * application has.
 */
@AutoConfiguration(after = DiscoveryAutoConfiguration.class)
@ConditionalOnClass({ DiscoveryClient.class, ReactiveDiscoveryClient.class })
@ConditionalOnDiscoverySource(DiscoveryProperties.SPRING_CLOUD)
@ConditionalOnMissingBean(ServiceDiscovery.class)
@EnableConfigurationProperties(SpringCloudDiscoveryProperties.class)
public final class SpringCloudDiscoveryAutoConfiguration {

	private static final String BLOCKING = "spring.cloud.discovery.blocking.enabled";

	@Bean
	SpringCloudEventListener backendSpringCloudEventListener() {
		return new SpringCloudEventListener();
	}

	@Bean
	DiscoverySource springCloudDiscoverySource(SpringCloudDiscoveryProperties properties, InstanceRules rules,
			ObjectProvider<DiscoveryClient> blocking, ObjectProvider<ReactiveDiscoveryClient> reactive,
			SpringCloudEventListener events, Environment environment) {
		// Without it, there is still a blocking client, of a list in the properties.
		boolean onlyReactive = properties.reactive() || !environment.getProperty(BLOCKING, Boolean.class, true);
		SpringCloudDiscoverySettings settings = properties.toSettings(rules);
		SpringCloudServiceDiscovery discovery = onlyReactive ? reactive(reactive.getIfAvailable(), properties, settings)
				: discovery(blocking.getIfAvailable(), reactive.getIfAvailable(), properties, settings);
		events.onChange(discovery::readNow);
		return new DiscoverySource(DiscoveryProperties.SPRING_CLOUD, discovery);
	}

	private static SpringCloudServiceDiscovery discovery(@Nullable DiscoveryClient blocking,
			@Nullable ReactiveDiscoveryClient reactive, SpringCloudDiscoveryProperties properties,
			SpringCloudDiscoverySettings settings) {
		return (blocking != null) ? SpringCloudServiceDiscovery.of(blocking, settings)
				: reactive(reactive, properties, settings);
	}

	private static SpringCloudServiceDiscovery reactive(@Nullable ReactiveDiscoveryClient reactive,
			SpringCloudDiscoveryProperties properties, SpringCloudDiscoverySettings settings) {
		if (reactive == null) {
			throw new BackendConfigurationException(
					"backend.discovery.sources has 'spring-cloud', but the application has no %s bean."
						.formatted(properties.reactive() ? "ReactiveDiscoveryClient" : "DiscoveryClient"),
					"Add Spring Cloud's client of your registry, such as "
							+ "org.springframework.cloud:spring-cloud-starter-kubernetes-client, and see that no "
							+ "property below spring.cloud.discovery switches it off.");
		}
		return SpringCloudServiceDiscovery.of(reactive, settings);
	}

}
