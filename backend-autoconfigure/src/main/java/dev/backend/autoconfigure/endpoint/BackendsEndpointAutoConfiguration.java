package dev.backend.autoconfigure.endpoint;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.FleetDescriptor;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.autoconfigure.registration.RedisRegistrationAutoConfiguration;
import dev.backend.autoconfigure.registration.ServiceRegistrar;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/**
 * Auto-configuration of the endpoint {@code backends}.
 */
@AutoConfiguration(after = { TcpBackendAutoConfiguration.class, RedisRegistrationAutoConfiguration.class })
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(BackendsEndpoint.class)
public final class BackendsEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BackendsEndpoint backendsEndpoint(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<ServiceRegistrar> registrars) {
		Map<String, FleetDescriptor> described = new HashMap<>();
		for (ConfigurableListableBeanFactory factory : BackendBeans.upwards(beanFactory)) {
			factory.getBeansOfType(Fleets.class).values().forEach((fleets) -> describe(fleets, described));
		}
		return new BackendsEndpoint(BackendBeans.all(beanFactory), described,
				() -> registrars.orderedStream().toList());
	}

	private static void describe(Fleets<?> fleets, Map<String, FleetDescriptor> described) {
		for (String name : fleets.names()) {
			described.putIfAbsent(fleets.beanName(name),
					new FleetDescriptor(name, new TreeSet<>(fleets.get(name).properties().services())));
		}
	}

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	@ConditionalOnBean(BackendsEndpoint.class)
	@ConditionalOnAvailableEndpoint(endpoint = BackendsEndpoint.class, exposure = EndpointExposure.WEB)
	BackendsEndpointWebExtension backendsEndpointWebExtension(BackendsEndpoint endpoint) {
		return new BackendsEndpointWebExtension(endpoint);
	}

}
