package dev.backend.autoconfigure.http;

import java.util.function.Supplier;

import dev.backend.http.HttpBackend;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ResourceLoader;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.InterceptingClientHttpRequestFactory;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;

/**
 * Auto-configuration of what leads the requests of Spring's HTTP clients through a
 * {@link HttpBackend}: the auto-configured ones where the host is one of
 * {@code backend.http.route.services}, HTTP service groups included, and all requests of
 * a client whose request factory is wrapped by the bean, or that has it as its filter.
 */
@AutoConfiguration(after = HttpBackendAutoConfiguration.class,
		afterName = "org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration")
@ConditionalOnClass(ClientHttpRequestFactory.class)
@ConditionalOnSingleCandidate(HttpBackend.class)
@ConditionalOnBean(HttpBackendProperties.class)
public final class RoutedClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	HttpRoutes httpBackendRoutes(HttpBackend backend, HttpBackendProperties properties) {
		HttpBackendProperties.ClientRoute route = properties.route();
		return new HttpRoutes(backend, route.keyHeader(), route.tagHeader(), route.allowDowngrade(),
				properties.ejection().cancelledAfter());
	}

	@Bean
	@ConditionalOnMissingBean
	HttpBackendRequestFactories httpBackendRequestFactories(HttpRoutes routes) {
		return new HttpBackendRequestFactories(() -> routes, ServiceHosts.ALL);
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
	 * Boot, and its HTTP service groups: all take their request factories from one
	 * builder.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ RestClientCustomizer.class, ClientHttpRequestFactoryBuilder.class })
	static class RestClientConfiguration {

		@Bean
		static RoutedRequestFactoryBuilders httpBackendRequestFactoryBuilders(ConfigurableListableBeanFactory beans,
				ObjectProvider<HttpRoutes> routes, ObjectProvider<HttpBackendProperties> properties) {
			return new RoutedRequestFactoryBuilders(beans,
					() -> new HttpBackendRequestFactories(late(routes), properties.getObject().route().hosts()));
		}

		/**
		 * What Spring Boot would use itself, without a bean, in a reactive application.
		 */
		@Bean
		@ConditionalOnMissingBean(ClientHttpRequestFactoryBuilder.class)
		ClientHttpRequestFactoryBuilder<?> httpBackendRequestFactoryBuilder(ResourceLoader resources) {
			return ClientHttpRequestFactoryBuilder.detect(resources.getClassLoader());
		}

		/** A template shows its factory, so one of the application's own is led, too. */
		@Bean
		RestTemplateCustomizer httpBackendRestTemplateCustomizer(ObjectProvider<HttpRoutes> routes,
				HttpBackendProperties properties) {
			HttpBackendRequestFactories factories = new HttpBackendRequestFactories(late(routes),
					properties.route().hosts());
			return (template) -> template.setRequestFactory(factories.wrap(withoutInterceptors(template)));
		}

		private static ClientHttpRequestFactory withoutInterceptors(RestTemplate template) {
			ClientHttpRequestFactory factory = template.getRequestFactory();
			boolean wrapped = !template.getInterceptors().isEmpty();
			return (wrapped && factory instanceof InterceptingClientHttpRequestFactory intercepting)
					? intercepting.getDelegate() : factory;
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
