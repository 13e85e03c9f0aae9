package dev.backend.autoconfigure.health;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendProperties;
import dev.backend.fleet.FleetBackend;
import dev.backend.http.HttpBackend;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.CompositeHealthContributorConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the health of HTTP services. The contributor is part of no group
 * by itself; {@code management.endpoint.health.group.readiness.include} adds it.
 */
@AutoConfiguration(after = HttpBackendAutoConfiguration.class)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean({ HttpBackend.class, HttpBackendProperties.class })
@ConditionalOnEnabledHealthIndicator("http-backend")
public final class HttpBackendHealthContributorAutoConfiguration
		extends CompositeHealthContributorConfiguration<BackendHealthIndicator, FleetBackend<?, ?>> {

	HttpBackendHealthContributorAutoConfiguration(HttpBackendProperties properties) {
		super((backend) -> new BackendHealthIndicator(backend, properties.health().rule(),
				properties.health().requiredServices()));
	}

	@Bean
	@ConditionalOnMissingBean(name = { "httpBackendHealthContributor", "httpBackendHealthIndicator" })
	HealthContributor httpBackendHealthContributor(ConfigurableListableBeanFactory beanFactory) {
		return createContributor(BackendBeans.of(HttpBackend.class, beanFactory));
	}

}
