package dev.backend.autoconfigure.health;

import java.util.Map;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.autoconfigure.tcp.TcpBackendProperties;
import dev.backend.fleet.FleetBackend;
import dev.backend.tcp.TcpBackend;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
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
import org.springframework.core.Ordered;

/**
 * Auto-configuration of the health of TCP services: one contributor per fleet, below one
 * for all. They are part of no group by themselves;
 * {@code management.endpoint.health.group.readiness.include} adds them.
 */
@AutoConfiguration(after = TcpBackendAutoConfiguration.class)
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean({ TcpBackend.class, TcpBackendProperties.class })
@ConditionalOnEnabledHealthIndicator("tcp-backend")
public final class TcpBackendHealthContributorAutoConfiguration
		extends CompositeHealthContributorConfiguration<BackendHealthIndicator, FleetBackend<?, ?>> {

	private static final String CONTRIBUTOR = "tcpBackendHealthContributor";

	private static final String INDICATOR = "tcpBackendHealthIndicator";

	private final FleetHealth<TcpBackendProperties> health;

	@Autowired
	TcpBackendHealthContributorAutoConfiguration(Fleets<TcpBackendProperties> fleets) {
		this(new FleetHealth<>(fleets, (properties) -> properties.health().rule(),
				(properties) -> properties.health().requiredServices()));
	}

	private TcpBackendHealthContributorAutoConfiguration(FleetHealth<TcpBackendProperties> health) {
		super(health::indicator);
		this.health = health;
	}

	@Bean
	@Conditional(OnBackendsToShow.class)
	@ConditionalOnMissingBean(name = { CONTRIBUTOR, INDICATOR }, search = SearchStrategy.CURRENT)
	HealthContributor tcpBackendHealthContributor(ConfigurableListableBeanFactory beanFactory) {
		Map<String, FleetBackend<?, ?>> backends = BackendBeans.of(TcpBackend.class,
				BackendBeans.toShow(beanFactory, CONTRIBUTOR, INDICATOR));
		this.health.check(backends.values());
		return this.health.byFleet() ? createComposite(backends) : createContributor(backends);
	}

	/** A parent context shows its backends itself, and nobody shows none. */
	static class OnBackendsToShow extends AnyNestedCondition {

		OnBackendsToShow() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnBean(value = TcpBackend.class, search = SearchStrategy.CURRENT)
		static class OfThisContext {

		}

		@ConditionalOnMissingBean(name = { CONTRIBUTOR, INDICATOR })
		static class ShownByNoParent {

		}

	}

}
