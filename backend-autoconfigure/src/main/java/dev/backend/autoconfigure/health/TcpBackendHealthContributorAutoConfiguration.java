package dev.backend.autoconfigure.health;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.autoconfigure.tcp.TcpBackendProperties;
import dev.backend.fleet.FleetBackend;
import dev.backend.tcp.TcpBackend;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.CompositeHealthContributorConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/**
 * Auto-configuration of the health of TCP services. The contributor is part of no group
 * by itself; {@code management.endpoint.health.group.readiness.include} adds it.
 */
@AutoConfiguration(after = TcpBackendAutoConfiguration.class)
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean({ TcpBackend.class, TcpBackendProperties.class })
@ConditionalOnEnabledHealthIndicator("tcp-backend")
public final class TcpBackendHealthContributorAutoConfiguration
		extends CompositeHealthContributorConfiguration<BackendHealthIndicator, FleetBackend<?, ?>> {

	TcpBackendHealthContributorAutoConfiguration(TcpBackendProperties properties) {
		super((backend) -> new BackendHealthIndicator(backend, properties.health().rule(),
				properties.health().requiredServices()));
	}

	@Bean
	@ConditionalOnMissingBean(name = { "tcpBackendHealthContributor", "tcpBackendHealthIndicator" })
	HealthContributor tcpBackendHealthContributor(ConfigurableListableBeanFactory beanFactory) {
		return createContributor(BackendBeans.of(TcpBackend.class, beanFactory));
	}

}
