package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.AheadOfTime;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.http.HttpBackend;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether the beans can be made by the classes that Spring generates ahead of time.
 */
class HttpAheadOfTimeTests {

	@Test
	@CompileWithForkedClassLoader
	void theBackendStartsFromGeneratedClasses() {
		AheadOfTime.run(Application.class, TestPropertyValues.of("backend.http.enabled=true"), (context) -> {
			assertThat(context.getBean(HttpBackend.class).running()).isTrue();
			assertThat(context.getBean(InstanceRestClients.class)).isNotNull();
			assertThat(context.getBean(InstanceWebClients.class)).isNotNull();
			assertThat(context.getBean(HttpBackendRequestFactories.class)).isNotNull();
		});
	}

	@Test
	@CompileWithForkedClassLoader
	void theBackendsOfFleetsStartFromGeneratedClasses() {
		AheadOfTime.run(
				Gateway.class, TestPropertyValues.of("backend.http.enabled=true",
						"backend.http.fleets.pay.services=pay", "backend.http.fleets.shop.services=shop"),
				(context) -> {
					Clients clients = context.getBean(Clients.class);
					assertThat(clients.pay.running()).isTrue();
					assertThat(clients.shop.running()).isTrue();
					assertThat(clients.pay).isSameAs(context.getBean("payHttpBackend"));
					assertThat(clients.shop).isSameAs(context.getBean("shopHttpBackend"));
					assertThat(context.getBean(HttpBackendRequestFactories.class)).isNotNull();
				});
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
			RoutedClientAutoConfiguration.class, InstanceClientAutoConfiguration.class })
	static class Application {

		@Bean
		InMemoryDiscovery discovery() {
			return new InMemoryDiscovery();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class Gateway {

		@Bean
		Clients clients(@Qualifier("pay") HttpBackend pay, @Qualifier("shop") HttpBackend shop) {
			return new Clients(pay, shop);
		}

	}

	static class Clients {

		private final HttpBackend pay;

		private final HttpBackend shop;

		Clients(HttpBackend pay, HttpBackend shop) {
			this.pay = pay;
			this.shop = shop;
		}

	}

}
