package dev.backend.autoconfigure.registration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.client.serviceregistry.AutoServiceRegistrationAutoConfiguration;
import org.springframework.cloud.client.serviceregistry.ServiceRegistry;
import org.springframework.cloud.client.serviceregistry.ServiceRegistryAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the registration as Spring Cloud's service registry. Its beans
 * are fallbacks: where another registry of Spring Cloud is there too, such as Consul's,
 * that one is what is injected without further words.
 */
@AutoConfiguration(after = RedisRegistrationAutoConfiguration.class,
		before = { ServiceRegistryAutoConfiguration.class, AutoServiceRegistrationAutoConfiguration.class })
@ConditionalOnClass(ServiceRegistry.class)
@ConditionalOnBean(ServiceRegistrar.class)
public final class SpringCloudRegistrationAutoConfiguration {

	/** Named, because the class cannot be loaded without Spring Cloud. */
	static final String REGISTRY_TYPE = "dev.backend.autoconfigure.registration.BackendServiceRegistry";

	@Bean
	@Fallback
	@ConditionalOnMissingBean
	BackendServiceRegistry backendServiceRegistry(ServiceRegistrar registrar) {
		return new BackendServiceRegistry(registrar);
	}

	/**
	 * Registers this application.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty("backend.registration.enabled")
	@ConditionalOnBooleanProperty(name = "spring.cloud.service-registry.auto-registration.enabled",
			matchIfMissing = true)
	@EnableConfigurationProperties(RegistrationProperties.class)
	static class AutoRegistrationConfiguration {

		@Bean
		@Fallback
		@ConditionalOnMissingBean
		BackendAutoServiceRegistration backendAutoServiceRegistration(BackendServiceRegistry registry,
				RegistrationProperties properties, Environment environment, ApplicationEventPublisher events) {
			return new BackendAutoServiceRegistration(registry,
					new ApplicationInstance(properties, environment, LocalAddress::detect), properties, events);
		}

		@Bean
		@Fallback
		@ConditionalOnMissingBean
		BackendRegistration backendRegistration(BackendAutoServiceRegistration registration) {
			return registration.registration();
		}

	}

}
