package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.fleet.Fleets;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.client.loadbalancer.DeferringLoadBalancerInterceptor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;

/**
 * Auto-configuration of HTTP service groups beside Spring Cloud, which makes every group
 * without a base URL load-balanced: a request that is led by the rings passes its load
 * balancer.
 */
@AutoConfiguration(after = RoutedClientAutoConfiguration.class)
@ConditionalOnClass(DeferringLoadBalancerInterceptor.class)
@ConditionalOnBean({ HttpRoutes.class, HttpBackendProperties.class })
public final class RoutedGroupAutoConfiguration {

	/**
	 * For groups with {@code RestClient}.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestClientHttpServiceGroupConfigurer.class)
	static class RestClientConfiguration {

		@Bean
		RestClientHttpServiceGroupConfigurer httpBackendRestClientGroupConfigurer(
				Fleets<HttpBackendProperties> fleets) {
			return new RoutedRestGroups(HttpFleets.hosts(fleets));
		}

	}

	/**
	 * For groups with {@code WebClient}.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebClientHttpServiceGroupConfigurer.class)
	static class WebClientConfiguration {

		@Bean
		WebClientHttpServiceGroupConfigurer httpBackendWebClientGroupConfigurer() {
			return new RoutedWebGroups();
		}

	}

}
