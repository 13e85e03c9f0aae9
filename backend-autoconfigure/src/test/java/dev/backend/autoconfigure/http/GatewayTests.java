package dev.backend.autoconfigure.http;

import java.time.Duration;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.autoconfigure.support.PayServers;
import dev.backend.http.HttpBackend;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A Spring Cloud Gateway with a route {@code lb://pay} in front of real servers.
 */
@Timeout(120)
@SlowTest
class GatewayTests {

	private final PayServers servers = PayServers.started();

	@AfterEach
	void stopServers() {
		this.servers.close();
	}

	@Test
	void aRouteLeadsToTheOwnerOfTheKeyInTheHeader() throws Exception {
		try (ConfigurableApplicationContext gateway = gateway()) {
			HttpBackend backend = gateway.getBean(HttpBackend.class);
			for (int i = 0; i < 20; i++) {
				String owner = backend.select("pay", Route.hash("user-" + i)).id();
				assertThat(get(gateway, "user-" + i)).isEqualTo("200 " + owner + " /orders?of=" + i);
			}
		}
	}

	@Test
	void whenTheOwnerRefusesTheConnectionThenItIsProbedAndItsKeysMove() throws Exception {
		try (ConfigurableApplicationContext gateway = gateway()) {
			HttpBackend backend = gateway.getBean(HttpBackend.class);
			String key = PayServers.keyOf("pay-2", backend);
			this.servers.kill("pay-2");
			assertThat(get(gateway, key)).startsWith("5");
			await().until(() -> backend.getService("pay", "pay-2").availability() != Availability.READY);
			assertThat(get(gateway, key)).startsWith("200 pay-").doesNotContain("pay-2");
		}
	}

	private static String get(ConfigurableApplicationContext gateway, String key) {
		return RestClient.create("http://127.0.0.1:" + gateway.getEnvironment().getProperty("local.server.port"))
			.get()
			.uri("/orders?of={key}", key.substring(key.indexOf('-') + 1))
			.header("X-Route-Key", key)
			.exchange((request, response) -> response.getStatusCode().value() + " " + response.bodyTo(String.class));
	}

	private ConfigurableApplicationContext gateway() throws InterruptedException {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Gateway.class)
			.web(WebApplicationType.REACTIVE)
			.initializers((initialized) -> initialized.getBeanFactory()
				.registerSingleton("discovery", this.servers.discovery()))
			.run("--server.port=0", "--server.address=127.0.0.1", "--spring.cloud.gateway.server.webflux.enabled=true",
					"--spring.cloud.gateway.server.webflux.routes[0].id=pay",
					"--spring.cloud.gateway.server.webflux.routes[0].uri=lb://pay",
					"--spring.cloud.gateway.server.webflux.routes[0].predicates[0]=Path=/**",
					"--backend.http.enabled=true", "--backend.http.probe.interval=1h", "--backend.http.probe.fall=1",
					"--backend.http.load-balancer.enabled=true", "--spring.cloud.consul.enabled=false");
		assertThat(context.getBean(HttpBackend.class).awaitReady(Duration.ofSeconds(20))).isTrue();
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Gateway {

	}

}
