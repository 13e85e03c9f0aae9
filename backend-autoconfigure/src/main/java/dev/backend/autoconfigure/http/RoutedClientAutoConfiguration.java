package dev.backend.autoconfigure.http;

import java.util.function.Supplier;

import dev.backend.http.HttpBackend;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;

/**
 * Auto-configuration of what leads the requests of Spring's HTTP clients through a
 * {@link HttpBackend}: the auto-configured ones where the host is one of
 * {@code backend.http.route.services}, HTTP service groups included, and all requests of
 * a client that takes the bean as its interceptor or filter.
 */
@AutoConfiguration(after = HttpBackendAutoConfiguration.class)
@ConditionalOnClass(ClientHttpRequestInterceptor.class)
@ConditionalOnSingleCandidate(HttpBackend.class)
@ConditionalOnBean(HttpBackendProperties.class)
public final class RoutedClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	HttpRoutes httpBackendRoutes(HttpBackend backend, HttpBackendProperties properties) {
		return new HttpRoutes(backend, properties.route().keyHeader(), properties.route().tagHeader());
	}

	@Bean
	@ConditionalOnMissingBean
	HttpBackendInterceptor httpBackendInterceptor(HttpRoutes routes) {
		return new HttpBackendInterceptor(() -> routes, ServiceHosts.ALL);
	}

	/** Late, because what discovers the instances may need such a client itself. */
	private static Supplier<HttpRoutes> late(ObjectProvider<HttpRoutes> routes) {
		return SingletonSupplier.of(routes::getObject);
	}

	/**
	 * For {@code WebClient}.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ExchangeFilterFunction.class)
	static class ReactiveConfiguration {

		@Bean
		@ConditionalOnMissingBean
		HttpBackendExchangeFilter httpBackendExchangeFilter(HttpRoutes routes) {
			return new HttpBackendExchangeFilter(() -> routes, ServiceHosts.ALL);
		}

	}

	/**
	 * For every {@code RestClient.Builder} and {@code RestTemplateBuilder} of Spring
	 * Boot, and its HTTP service groups.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestClientCustomizer.class)
	static class RestClientConfiguration {

		@Bean
		RestClientCustomizer httpBackendRestClientCustomizer(ObjectProvider<HttpRoutes> routes,
				HttpBackendProperties properties) {
			ServiceHosts hosts = properties.route().hosts();
			HttpBackendInterceptor interceptor = new HttpBackendInterceptor(late(routes), hosts);
			return (builder) -> {
				if (!hosts.isEmpty()) {
					builder.requestInterceptor(interceptor);
				}
			};
		}

		@Bean
		RestTemplateCustomizer httpBackendRestTemplateCustomizer(ObjectProvider<HttpRoutes> routes,
				HttpBackendProperties properties) {
			ServiceHosts hosts = properties.route().hosts();
			HttpBackendInterceptor interceptor = new HttpBackendInterceptor(late(routes), hosts);
			return (template) -> {
				if (!hosts.isEmpty()) {
					template.getInterceptors().add(interceptor);
				}
			};
		}

	}

	/**
	 * For every {@code WebClient.Builder} of Spring Boot, and its HTTP service groups.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebClientCustomizer.class)
	static class WebClientConfiguration {

		@Bean
		WebClientCustomizer httpBackendWebClientCustomizer(ObjectProvider<HttpRoutes> routes,
				HttpBackendProperties properties) {
			ServiceHosts hosts = properties.route().hosts();
			HttpBackendExchangeFilter filter = new HttpBackendExchangeFilter(late(routes), hosts);
			return (builder) -> {
				if (!hosts.isEmpty()) {
					builder.filter(filter);
				}
			};
		}

	}

}
