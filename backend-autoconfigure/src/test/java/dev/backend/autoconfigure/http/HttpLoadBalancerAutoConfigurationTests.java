package dev.backend.autoconfigure.http;

import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.PayServers;
import dev.backend.http.HttpBackend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.ReactiveCommonsClientAutoConfiguration;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.simple.SimpleDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.discovery.simple.reactive.SimpleReactiveDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerBeanPostProcessorAutoConfiguration;
import org.springframework.cloud.client.loadbalancer.reactive.ReactorLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.commons.util.UtilAutoConfiguration;
import org.springframework.cloud.loadbalancer.config.BlockingLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * The clients of Spring Cloud LoadBalancer, against real servers.
 */
@Timeout(120)
class HttpLoadBalancerAutoConfigurationTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final PayServers servers = PayServers.started();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
				RoutedClientAutoConfiguration.class, HttpLoadBalancerAutoConfiguration.class,
				UtilAutoConfiguration.class, ReactiveCommonsClientAutoConfiguration.class,
				SimpleDiscoveryClientAutoConfiguration.class, SimpleReactiveDiscoveryClientAutoConfiguration.class,
				LoadBalancerAutoConfiguration.class, BlockingLoadBalancerClientAutoConfiguration.class,
				org.springframework.cloud.client.loadbalancer.LoadBalancerAutoConfiguration.class,
				ReactorLoadBalancerClientAutoConfiguration.class, LoadBalancerBeanPostProcessorAutoConfiguration.class))
		.withPropertyValues("backend.http.enabled=true", "backend.http.probe.interval=1h", "backend.http.probe.fall=1",
				"backend.http.load-balancer.enabled=true",
				"spring.cloud.discovery.client.simple.instances.pay[0].uri=http://127.0.0.1:1")
		.withUserConfiguration(Clients.class)
		.withBean(InMemoryDiscovery.class, this.servers::discovery);

	@AfterEach
	void stopServers() {
		this.servers.close();
	}

	@Test
	void aLoadBalancedRestClientGoesToTheOwnerOfTheKeyInTheHeader() {
		run(this.contextRunner, (context, backend) -> {
			Set<String> seen = new TreeSet<>();
			for (int i = 0; i < 20; i++) {
				String owner = backend.select("pay", Route.hash("user-" + i)).id();
				assertThat(rest(context, "X-Route-Key", "user-" + i)).isEqualTo(owner + " /orders%2F7?of=a%26b");
				seen.add(owner);
			}
			assertThat(seen).containsExactly("pay-1", "pay-2", "pay-3");
			assertThat(rest(context, "X-Route-Tag", "VIP")).startsWith("pay-3");
		});
	}

	@Test
	void aLoadBalancedWebClientGoesToTheOwnerOfTheKeyInTheAttributeOrTheHeader() {
		run(this.contextRunner, (context, backend) -> {
			for (int i = 0; i < 20; i++) {
				String key = "user-" + i;
				String owner = backend.select("pay", Route.hash(key)).id();
				assertThat(web(context, key)).isEqualTo(owner + " /orders");
				assertThat(context.getBean(WebClient.Builder.class)
					.build()
					.get()
					.uri("http://pay/orders")
					.header("X-Route-Key", key)
					.retrieve()
					.bodyToMono(String.class)
					.block(LONG)).isEqualTo(owner + " /orders");
			}
		});
	}

	@Test
	void whenTheOwnerRefusesTheConnectionThenItIsProbed() {
		run(this.contextRunner, (context, backend) -> {
			String key = PayServers.keyOf("pay-2", backend);
			this.servers.kill("pay-2");
			assertThatExceptionOfType(ResourceAccessException.class)
				.isThrownBy(() -> rest(context, "X-Route-Key", key));
			await().until(() -> backend.getService("pay", "pay-2").availability() != Availability.READY);
			assertThat(rest(context, "X-Route-Key", key)).doesNotStartWith("pay-2");
		});
	}

	@Test
	void aRetryOfAWebClientGoesToTheNextOwner() {
		run(this.contextRunner.withPropertyValues("spring.cloud.loadbalancer.retry.enabled=true"),
				(context, backend) -> {
					String key = PayServers.keyOf("pay-2", backend);
					String next = backend.group("pay").routing().find(Route.hash(key), 2).get(1).id();
					this.servers.kill("pay-2");
					assertThat(web(context, key)).isEqualTo(next + " /orders");
				});
	}

	@Test
	void whenNoInstanceIsKnownThenSpringCloudSaysSo() {
		run(this.contextRunner,
				(context, backend) -> assertThatIllegalStateException()
					.isThrownBy(() -> context.getBean(RestClient.Builder.class)
						.build()
						.get()
						.uri("http://chat/")
						.retrieve()
						.toBodilessEntity())
					.withMessage("No instances available for chat"));
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void beforeDiscoveryHasAnsweredTheWarningSaysThat(CapturedOutput output) {
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		discovery.silence();
		try (HttpBackend backend = HttpBackend.builder().discovery(discovery).build()) {
			backend.start();
			FleetBinder binder = new FleetBinder(HttpFleets.PREFIX, new StandardEnvironment());
			HttpBackendProperties properties = binder.bind(null, HttpBackendProperties.class);
			HttpRoutes routes = new HttpRoutes(HttpFleets.of(binder, properties, (bean) -> false), (fleet) -> backend);
			Response<ServiceInstance> response = new HttpBackendLoadBalancer("chat", routes)
				.choose(new DefaultRequest<>())
				.block(LONG);
			assertThat(response).isNotNull().extracting(Response::hasServer).isEqualTo(false);
		}
		assertThat(output).contains("No service 'chat'", "has not answered yet");
	}

	@Test
	void otherServicesThanTheNamedOnesKeepTheirLoadBalancer() {
		run(this.contextRunner.withPropertyValues("backend.http.load-balancer.services=Pay"), (context, backend) -> {
			assertThat(balancer(context, "pay")).isInstanceOf(HttpBackendLoadBalancer.class);
			assertThat(balancer(context, "chat")).isInstanceOf(RoundRobinLoadBalancer.class);
		});
	}

	@Test
	void whenOneFleetIsBalancedThenOtherServicesKeepTheirLoadBalancer() {
		this.contextRunner
			.withPropertyValues("backend.http.load-balancer.enabled=false", "backend.http.fleets.pay.services=pay",
					"backend.http.fleets.pay.load-balancer.enabled=true", "backend.http.fleets.shop.services=shop")
			.run((context) -> {
				HttpBackend backend = context.getBean("payHttpBackend", HttpBackend.class);
				assertThat(backend.awaitReady(LONG)).isTrue();
				assertThat(balancer(context, "pay")).isInstanceOf(HttpBackendLoadBalancer.class);
				assertThat(balancer(context, "shop")).isInstanceOf(RoundRobinLoadBalancer.class);
				assertThat(balancer(context, "lobby")).isInstanceOf(RoundRobinLoadBalancer.class);
				String owner = backend.select("pay", Route.hash("user")).id();
				assertThat(rest(context, "X-Route-Key", "user")).startsWith(owner);
			});
	}

	@Test
	void whenAFleetBalancesAServiceOfAnotherThenTheStartFails() {
		this.contextRunner
			.withPropertyValues("backend.http.fleets.pay.services=pay",
					"backend.http.fleets.pay.load-balancer.services=shop", "backend.http.fleets.shop.services=shop")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"Property backend.http.fleets.pay.load-balancer.services with value 'shop' is invalid",
					"names of services of this fleet"));
	}

	@Test
	void unlessItIsEnabledSpringCloudKeepsItsLoadBalancer() {
		run(this.contextRunner.withPropertyValues("backend.http.load-balancer.enabled=false"),
				(context, backend) -> assertThat(balancer(context, "pay")).isInstanceOf(RoundRobinLoadBalancer.class));
	}

	@Test
	void withoutSpringCloudLoadBalancerNothingIsConfigured() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
							RoutedClientAutoConfiguration.class, HttpLoadBalancerAutoConfiguration.class))
			.withPropertyValues("backend.http.enabled=true", "backend.http.load-balancer.enabled=true")
			.withBean(InMemoryDiscovery.class, this.servers::discovery)
			.withClassLoader(new FilteredClassLoader("org.springframework.cloud.loadbalancer"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(HttpLoadBalancerAutoConfiguration.class));
	}

	private static @Nullable ReactorServiceInstanceLoadBalancer balancer(ApplicationContext context, String name) {
		return context.getBean(LoadBalancerClientFactory.class)
			.getInstance(name, ReactorServiceInstanceLoadBalancer.class);
	}

	private static String rest(ApplicationContext context, String header, String value) {
		return String.valueOf(context.getBean(RestClient.Builder.class)
			.build()
			.get()
			.uri(URI.create("http://pay/orders%2F7?of=a%26b"))
			.header(header, value)
			.retrieve()
			.body(String.class));
	}

	private static String web(ApplicationContext context, String key) {
		return String.valueOf(context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri("http://pay/orders")
			.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
			.retrieve()
			.bodyToMono(String.class)
			.block(LONG));
	}

	private static void run(ApplicationContextRunner runner, Scenario scenario) {
		runner.run((context) -> {
			HttpBackend backend = context.getBean(HttpBackend.class);
			assertThat(backend.awaitReady(LONG)).isTrue();
			scenario.run(context, backend);
		});
	}

	private interface Scenario {

		void run(ApplicationContext context, HttpBackend backend);

	}

	@Configuration(proxyBeanMethods = false)
	static class Clients {

		@Bean
		@LoadBalanced
		RestClient.Builder restClientBuilder() {
			return RestClient.builder();
		}

		@Bean
		@LoadBalanced
		WebClient.Builder webClientBuilder() {
			return WebClient.builder();
		}

	}

}
