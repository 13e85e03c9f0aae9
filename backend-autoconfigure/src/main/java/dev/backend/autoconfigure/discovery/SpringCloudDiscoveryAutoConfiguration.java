package dev.backend.autoconfigure.discovery;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.discovery.ServiceDiscovery;
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
	DiscoverySource springCloudDiscoverySource(SpringCloudDiscoveryProperties properties,
			ObjectProvider<DiscoveryClient> blocking, ObjectProvider<ReactiveDiscoveryClient> reactive,
			SpringCloudEventListener events, Environment environment) {
		// Without it, there is still a blocking client, of a list in the properties.
		boolean onlyReactive = properties.reactive() || !environment.getProperty(BLOCKING, Boolean.class, true);
		CloudClient client = onlyReactive ? client(reactive.getIfAvailable(), properties)
				: client(blocking.getIfAvailable(), reactive.getIfAvailable(), properties);
		SpringCloudServiceDiscovery discovery = new SpringCloudServiceDiscovery(client, properties);
		events.onChange(discovery::readNow);
		return new DiscoverySource(DiscoveryProperties.SPRING_CLOUD, discovery);
	}

	private static CloudClient client(@Nullable DiscoveryClient blocking, @Nullable ReactiveDiscoveryClient reactive,
			SpringCloudDiscoveryProperties properties) {
		return (blocking != null) ? CloudClient.of(blocking) : client(reactive, properties);
	}

	private static CloudClient client(@Nullable ReactiveDiscoveryClient reactive,
			SpringCloudDiscoveryProperties properties) {
		if (reactive == null) {
			throw new BackendConfigurationException(
					"backend.discovery.sources has 'spring-cloud', but the application has no %s bean."
						.formatted(properties.reactive() ? "ReactiveDiscoveryClient" : "DiscoveryClient"),
					"Add Spring Cloud's client of your registry, such as "
							+ "org.springframework.cloud:spring-cloud-starter-kubernetes-client, and see that no "
							+ "property below spring.cloud.discovery switches it off.");
		}
		return CloudClient.of(reactive);
	}

}
