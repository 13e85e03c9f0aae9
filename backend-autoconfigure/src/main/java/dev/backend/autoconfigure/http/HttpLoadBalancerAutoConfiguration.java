package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.fleet.ConditionalOnFleetProperty;
import dev.backend.autoconfigure.fleet.Fleets;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClientSpecification;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of Spring Cloud LoadBalancer, where
 * {@code backend.http.load-balancer.enabled}, or that of a fleet, asks for it:
 * {@code LoadBalanced} clients and the {@code lb} routes of Spring Cloud Gateway go to
 * the owner of a key.
 */
@AutoConfiguration(after = RoutedClientAutoConfiguration.class)
@ConditionalOnClass(LoadBalancerClientFactory.class)
@ConditionalOnBean({ HttpRoutes.class, HttpBackendProperties.class })
@ConditionalOnFleetProperty(prefix = HttpFleets.PREFIX, name = "load-balancer.enabled")
public final class HttpLoadBalancerAutoConfiguration {

	/** "default." stands for the contexts of all services. */
	@Bean
	LoadBalancerClientSpecification httpBackendLoadBalancerSpecification(Fleets<HttpBackendProperties> fleets) {
		HttpFleets.checkBalanced(fleets);
		return new LoadBalancerClientSpecification("default." + HttpLoadBalancerAutoConfiguration.class.getName(),
				new Class<?>[] { LoadBalancerChildConfiguration.class });
	}

}
