package dev.backend.autoconfigure.registration;

import dev.backend.autoconfigure.BackendConfigurationException;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the registration of this application, where Spring Cloud does not
 * see to it.
 */
@AutoConfiguration(after = { RedisRegistrationAutoConfiguration.class, SpringCloudRegistrationAutoConfiguration.class })
@ConditionalOnBooleanProperty("backend.registration.enabled")
@EnableConfigurationProperties(RegistrationProperties.class)
public final class RegistrationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(value = ApplicationRegistration.class,
			type = SpringCloudRegistrationAutoConfiguration.REGISTRY_TYPE)
	ApplicationRegistration backendApplicationRegistration(RegistrationProperties properties,
			ObjectProvider<ServiceRegistrar> registrars, Environment environment) {
		ServiceRegistrar registrar = registrars.getIfAvailable();
		if (registrar == null) {
			throw new BackendConfigurationException(
					"backend.registration.enabled is true, but there is no registry to register this application in.",
					"For Redis, add org.springframework.boot:spring-boot-starter-data-redis and set "
							+ "backend.discovery.redis.key; for another registry, declare a ServiceRegistrar bean.");
		}
		return new ApplicationRegistration(registrar,
				new ApplicationInstance(properties, environment, LocalAddress::detect));
	}

}
