package dev.backend.autoconfigure.http;

import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * What is in the context that Spring Cloud LoadBalancer makes for each service. A load
 * balancer that the application configures for a service goes first.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(OnLoadBalancedService.class)
class LoadBalancerChildConfiguration {

	@Bean
	@ConditionalOnMissingBean(ReactorLoadBalancer.class)
	HttpBackendLoadBalancer httpBackendLoadBalancer(Environment environment, HttpRoutes routes) {
		return new HttpBackendLoadBalancer(environment.getRequiredProperty(LoadBalancerClientFactory.PROPERTY_NAME),
				routes);
	}

	@Bean
	RefusalProbe httpBackendRefusalProbe() {
		return new RefusalProbe();
	}

}
