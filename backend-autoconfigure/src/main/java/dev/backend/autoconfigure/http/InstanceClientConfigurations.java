package dev.backend.autoconfigure.http;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.restclient.autoconfigure.RestClientBuilderConfigurer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ResourceLoader;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * What the clients of instances are made from; the first that applies. All instances
 * share one HTTP client. Spring Boot's builder beans themselves would not do: the
 * application may have made them load-balanced.
 */
final class InstanceClientConfigurations {

	private InstanceClientConfigurations() {
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ RestClient.class, RestClientBuilderConfigurer.class })
	@ConditionalOnBean(RestClientBuilderConfigurer.class)
	static class BootRestClients {

		@Bean
		@ConditionalOnMissingBean
		InstanceRestClients instanceRestClients(ObjectProvider<RestClientBuilderConfigurer> configurer,
				ObjectProvider<ClientHttpRequestFactoryBuilder<?>> factories,
				ObjectProvider<HttpClientSettings> settings, ResourceLoader resources) {
			return InstanceRestClients.lazily(() -> {
				ClientHttpRequestFactoryBuilder<?> factory = factories
					.getIfAvailable(() -> ClientHttpRequestFactoryBuilder.detect(resources.getClassLoader()));
				// An instance is not found by a name.
				return RoutedRequestFactoryBuilders.bare(factory)
					.build(settings.getIfAvailable(HttpClientSettings::defaults));
			}, InstanceRestClients.copies(() -> configurer.getObject().configure(RestClient.builder())));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestClient.class)
	static class PlainRestClients {

		@Bean
		@ConditionalOnMissingBean
		InstanceRestClients instanceRestClients() {
			return new InstanceRestClients();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ WebClient.class, WebClientCustomizer.class })
	@ConditionalOnBean(WebClient.Builder.class)
	static class BootWebClients {

		@Bean
		@ConditionalOnMissingBean
		InstanceWebClients instanceWebClients(ObjectProvider<WebClientCustomizer> customizers) {
			return new InstanceWebClients(InstanceWebClients.copies(() -> {
				WebClient.Builder builder = WebClient.builder();
				customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
				return builder;
			}));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebClient.class)
	static class PlainWebClients {

		@Bean
		@ConditionalOnMissingBean
		InstanceWebClients instanceWebClients() {
			return new InstanceWebClients();
		}

	}

}
