package dev.backend.autoconfigure.http;

import java.util.function.Supplier;

import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.http.HttpBackend;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ResourceLoader;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.InterceptingClientHttpRequestFactory;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;

/**
 * Auto-configuration of what leads the requests of Spring's HTTP clients through a
 * {@link HttpBackend}, that of the fleet which claims the service: the auto-configured
 * ones where the host is one of {@code backend.http.route.services}, HTTP service groups
 * included, and all requests of a client whose request factory is wrapped by the bean, or
 * that has it as its filter.
 */
@AutoConfiguration(after = HttpBackendAutoConfiguration.class,
		afterName = "org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration")
@ConditionalOnClass(ClientHttpRequestFactory.class)
@Conditional(OnRoutableBackends.class)
public final class RoutedClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	HttpRoutes httpBackendRoutes(Fleets<HttpBackendProperties> fleets, BeanFactory beanFactory) {
		return new HttpRoutes(fleets,
				(fleet) -> (fleet.name() != null)
						? beanFactory.getBean(fleets.beanName(fleet.name()), HttpBackend.class)
						: beanFactory.getBean(HttpBackend.class));
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
				ObjectProvider<HttpRoutes> routes, ObjectProvider<Fleets<HttpBackendProperties>> fleets) {
			return new RoutedRequestFactoryBuilders(beans,
					() -> new HttpBackendRequestFactories(late(routes), HttpFleets.hosts(fleets.getObject())));
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
				Fleets<HttpBackendProperties> fleets) {
			HttpBackendRequestFactories factories = new HttpBackendRequestFactories(late(routes),
					HttpFleets.hosts(fleets));
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
				Fleets<HttpBackendProperties> fleets) {
			ServiceHosts hosts = HttpFleets.hosts(fleets);
			HttpBackendExchangeFilter filter = new HttpBackendExchangeFilter(late(routes), hosts);
			return (builder) -> {
				if (!hosts.isEmpty()) {
					builder.filter(filter);
				}
			};
		}

	}

}
