package dev.backend.autoconfigure.http;

import dev.backend.http.HttpBackend;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;

/**
 * Auto-configuration of what leads the requests of Spring's HTTP clients through a
 * {@link HttpBackend}. A client that is to be led takes the bean as its interceptor or
 * filter; others are left alone.
 */
@AutoConfiguration(after = HttpBackendAutoConfiguration.class)
@ConditionalOnClass(ClientHttpRequestInterceptor.class)
@ConditionalOnSingleCandidate(HttpBackend.class)
@ConditionalOnBean(HttpBackendProperties.class)
public final class HttpClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	HttpRoutes httpBackendRoutes(HttpBackend backend, HttpBackendProperties properties) {
		return new HttpRoutes(backend, properties.route().keyHeader(), properties.route().tagHeader());
	}

	@Bean
	@ConditionalOnMissingBean
	HttpBackendInterceptor httpBackendInterceptor(HttpRoutes routes) {
		return new HttpBackendInterceptor(routes);
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
			return new HttpBackendExchangeFilter(routes);
		}

	}

}
