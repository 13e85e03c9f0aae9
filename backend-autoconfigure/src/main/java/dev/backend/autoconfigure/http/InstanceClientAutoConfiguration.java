package dev.backend.autoconfigure.http;

import java.util.function.Supplier;

import dev.backend.http.HttpBackend;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.restclient.autoconfigure.RestClientBuilderConfigurer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Auto-configuration of what the clients of instances are made from: what Spring Boot
 * makes its builders from, so that converters, time-outs, TLS and observation are the
 * application's. All instances share one HTTP client. The builder beans themselves would
 * not do: the application may have made them load-balanced.
 */
@AutoConfiguration(
		afterName = { "org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration",
				"org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration" },
		before = HttpBackendAutoConfiguration.class)
@ConditionalOnClass(HttpBackend.class)
@ConditionalOnBooleanProperty("backend.http.enabled")
public final class InstanceClientAutoConfiguration {

	/**
	 * For {@code HttpService.restClient()}.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestClientBuilderConfigurer.class)
	@ConditionalOnBean(RestClientBuilderConfigurer.class)
	static class RestClientConfiguration {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		HttpBackendBuilderCustomizer httpBackendRestClients(ObjectProvider<RestClientBuilderConfigurer> configurer) {
			Supplier<RestClient.Builder> prototype = SingletonSupplier.of(() -> configurer.getObject()
				.configure(RestClient.builder())
				.requestInterceptors(
						// An instance is not found by a name.
						(interceptors) -> interceptors.removeIf(HttpBackendInterceptor.class::isInstance)));
			return (builder) -> builder.restClients(() -> prototype.get().clone());
		}

	}

	/**
	 * For {@code HttpService.webClient()}.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebClientCustomizer.class)
	@ConditionalOnBean(WebClient.Builder.class)
	static class WebClientConfiguration {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		HttpBackendBuilderCustomizer httpBackendWebClients(ObjectProvider<WebClientCustomizer> customizers) {
			Supplier<WebClient.Builder> prototype = SingletonSupplier.of(() -> {
				WebClient.Builder builder = WebClient.builder();
				customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
				return builder.filters((filters) -> filters.removeIf(HttpBackendExchangeFilter.class::isInstance));
			});
			return (builder) -> builder.webClients(() -> prototype.get().clone());
		}

	}

}
