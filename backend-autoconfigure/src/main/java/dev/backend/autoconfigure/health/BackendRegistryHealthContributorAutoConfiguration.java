package dev.backend.autoconfigure.health;

import dev.backend.autoconfigure.discovery.DiscoveryResolver;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.discovery.ServiceDiscovery;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
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
 * Auto-configuration of the registry's health.
 */
@AutoConfiguration(after = MergedDiscoveryAutoConfiguration.class)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(ServiceDiscovery.class)
@ConditionalOnEnabledHealthIndicator("backend-registry")
public final class BackendRegistryHealthContributorAutoConfiguration
		extends CompositeHealthContributorConfiguration<BackendRegistryHealthIndicator, ServiceDiscovery> {

	BackendRegistryHealthContributorAutoConfiguration(ObjectProvider<DiscoveryResolver> resolver) {
		super((discovery) -> indicator(discovery, resolver.getIfAvailable()));
	}

	private static BackendRegistryHealthIndicator indicator(ServiceDiscovery discovery,
			@Nullable DiscoveryResolver resolver) {
		return new BackendRegistryHealthIndicator((resolver != null) ? resolver.seen(discovery) : discovery);
	}

	@Bean
	@ConditionalOnMissingBean(name = { "backendRegistryHealthContributor", "backendRegistryHealthIndicator" })
	HealthContributor backendRegistryHealthContributor(ConfigurableListableBeanFactory beanFactory) {
		return createContributor(beanFactory, ServiceDiscovery.class);
	}

}
