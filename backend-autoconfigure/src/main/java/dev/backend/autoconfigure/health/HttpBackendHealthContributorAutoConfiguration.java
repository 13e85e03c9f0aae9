package dev.backend.autoconfigure.health;

import java.util.Map;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendProperties;
import dev.backend.fleet.FleetBackend;
import dev.backend.http.HttpBackend;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.health.autoconfigure.contributor.CompositeHealthContributorConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Auto-configuration of the health of HTTP services: one contributor per fleet, below one
 * for all. They are part of no group by themselves;
 * {@code management.endpoint.health.group.readiness.include} adds them.
 */
@AutoConfiguration(after = HttpBackendAutoConfiguration.class)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean({ HttpBackend.class, HttpBackendProperties.class })
@ConditionalOnEnabledHealthIndicator("http-backend")
public final class HttpBackendHealthContributorAutoConfiguration
		extends CompositeHealthContributorConfiguration<BackendHealthIndicator, FleetBackend<?, ?>> {

	private static final String CONTRIBUTOR = "httpBackendHealthContributor";

	private static final String INDICATOR = "httpBackendHealthIndicator";

	private final FleetHealth<HttpBackendProperties> health;

	@Autowired
	HttpBackendHealthContributorAutoConfiguration(Fleets<HttpBackendProperties> fleets) {
		this(new FleetHealth<>(fleets, (properties) -> properties.health().rule(),
				(properties) -> properties.health().requiredServices()));
	}

	private HttpBackendHealthContributorAutoConfiguration(FleetHealth<HttpBackendProperties> health) {
		super(health::indicator);
		this.health = health;
	}

	@Bean
	@Conditional(OnBackendsToShow.class)
	@ConditionalOnMissingBean(name = { CONTRIBUTOR, INDICATOR }, search = SearchStrategy.CURRENT)
	HealthContributor httpBackendHealthContributor(ConfigurableListableBeanFactory beanFactory) {
		Map<String, FleetBackend<?, ?>> backends = BackendBeans.of(HttpBackend.class,
				BackendBeans.toShow(beanFactory, CONTRIBUTOR, INDICATOR));
		this.health.check(backends.values());
		return this.health.byFleet() ? createComposite(backends) : createContributor(backends);
	}

	/** A parent context shows its backends itself, and nobody shows none. */
	static class OnBackendsToShow extends AnyNestedCondition {

		OnBackendsToShow() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnBean(value = HttpBackend.class, search = SearchStrategy.CURRENT)
		static class OfThisContext {

		}

		@ConditionalOnMissingBean(name = { CONTRIBUTOR, INDICATOR })
		static class ShownByNoParent {

		}

	}

}
