package dev.backend.autoconfigure.http;

import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.PayServers;
import dev.backend.http.HttpBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Spring's HTTP clients, led to real servers by their keys.
 */
@Timeout(120)
class RoutedClientAutoConfigurationTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final PayServers servers = PayServers.started();

	/** Probes are rare, so that it is the failed request that finds a server gone. */
	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
				RoutedClientAutoConfiguration.class))
		.withPropertyValues("backend.http.enabled=true", "backend.http.probe.interval=1h", "backend.http.probe.fall=1")
		.withBean(InMemoryDiscovery.class, this.servers::discovery);

	@AfterEach
	void stopServers() {
		this.servers.close();
	}

	@ParameterizedTest
	@EnumSource(Client.class)
	void aRequestGoesToTheOwnerOfItsKeyWithItsPathAndQuery(Client client) {
		run((context, backend) -> {
			Caller caller = client.caller(context);
			Set<String> seen = new TreeSet<>();
			for (int i = 0; i < 50; i++) {
				String key = "user-" + i;
				String owner = backend.select("pay", Route.hash(key)).id();
				assertThat(caller.get("/orders%2F7?of=a%26b", key)).isEqualTo(owner + " /orders%2F7?of=a%26b");
				seen.add(owner);
			}
			assertThat(seen).containsExactly("pay-1", "pay-2", "pay-3");
		});
	}

	@ParameterizedTest
	@EnumSource(Client.class)
	void whenAServerDiesThenItsKeysMoveAndNoOtherAndNoGetFails(Client client) {
		run((context, backend) -> {
			Caller caller = client.caller(context);
			Map<String, String> before = new HashMap<>();
			for (int i = 0; i < 200; i++) {
				before.put("user-" + i, backend.select("pay", Route.hash("user-" + i)).id());
			}
			this.servers.kill("pay-2");
			before.forEach((key, owner) -> {
				String now = caller.get("/", key).substring(0, 5);
				assertThat(now).as(key).isNotEqualTo("pay-2");
				if (!owner.equals("pay-2")) {
					assertThat(now).as(key).isEqualTo(owner);
				}
			});
			await().until(() -> !backend.getService("pay", "pay-2").availability().equals(Availability.READY));
		});
	}

	@Test
	void whatMayNotBeSentTwiceFailsAndTheNextGoesElsewhere() {
		run((context, backend) -> {
			RestClient client = restClient(context, new JdkClientHttpRequestFactory());
			String key = PayServers.keyOf("pay-1", backend);
			this.servers.kill("pay-1");
			assertThatExceptionOfType(ResourceAccessException.class)
				.isThrownBy(() -> client.post()
					.uri("http://pay/orders")
					.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
					.body("one")
					.retrieve()
					.toBodilessEntity())
				.havingCause()
				.isInstanceOf(ConnectException.class);
			await().until(() -> !backend.select("pay", Route.hash(key)).id().equals("pay-1"));
			assertThat(client.post()
				.uri("http://pay/orders")
				.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
				.body("one")
				.retrieve()
				.body(String.class)).doesNotStartWith("pay-1");
		});
	}

	@Test
	void aTagAndHeadersWorkToo() {
		run((context, backend) -> {
			RestClient client = restClient(context, new JdkClientHttpRequestFactory());
			assertThat(client.get()
				.uri("http://pay/")
				.header("X-Route-Key", PayServers.keyOf("pay-1", backend))
				.retrieve()
				.body(String.class)).startsWith("pay-1");
			assertThat(client.get().uri("http://pay/").header("X-Route-Tag", "VIP").retrieve().body(String.class))
				.startsWith("pay-3");
			assertThat(client.get()
				.uri("http://PAY/")
				.attribute(HttpRoutes.TAG_ATTRIBUTE, "vip")
				.attribute(HttpRoutes.KEY_ATTRIBUTE, 42)
				.retrieve()
				.body(String.class)).startsWith("pay-3");
		});
	}

	@Test
	void anHttpInterfaceIsLedByAHeader() {
		run((context, backend) -> {
			RestClient client = RestClient.builder()
				.baseUrl("http://pay")
				.requestInterceptor(context.getBean(HttpBackendInterceptor.class))
				.build();
			Orders orders = HttpServiceProxyFactory.builderFor(RestClientAdapter.create(client))
				.build()
				.createClient(Orders.class);
			assertThat(orders.orders(PayServers.keyOf("pay-2", backend))).isEqualTo("pay-2 /orders");
		});
	}

	@Test
	void withoutAKeyRequestsSpread() {
		run((context, backend) -> {
			RestClient client = restClient(context, new JdkClientHttpRequestFactory());
			Set<String> seen = new TreeSet<>();
			for (int i = 0; i < 30; i++) {
				seen.add(String.valueOf(client.get().uri("http://pay/").retrieve().body(String.class)).substring(0, 5));
			}
			assertThat(seen).containsExactly("pay-1", "pay-2", "pay-3");
		});
	}

	@Test
	void whatCannotBeRoutedFailsWithTheReason() {
		run((context, backend) -> {
			RestClient client = restClient(context, new JdkClientHttpRequestFactory());
			assertThatExceptionOfType(ServiceNotFoundException.class)
				.isThrownBy(() -> client.get().uri("http://chat/").retrieve().toBodilessEntity())
				.withMessageContainingAll("No service 'chat'", "[pay]");
			assertThatExceptionOfType(ServiceNotFoundException.class)
				.isThrownBy(
						() -> client.get().uri("http://pay/").header("X-Route-Tag", "eu").retrieve().toBodilessEntity())
				.withMessageContainingAll("No usable service pay", "tag 'eu'", "3 known");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> client.get().uri("http://my_service/").retrieve().toBodilessEntity())
				.withMessageContaining("expected: a service name");
		});
	}

	@Test
	void whenThereIsNoWebClientThenThereIsNoFilter() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(ExchangeFilterFunction.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(HttpBackendInterceptor.class)
				.doesNotHaveBean("httpBackendExchangeFilter"));
	}

	private void run(Scenario scenario) {
		this.contextRunner.run((context) -> {
			HttpBackend backend = context.getBean(HttpBackend.class);
			assertThat(backend.awaitReady(LONG)).isTrue();
			scenario.run(context, backend);
		});
	}

	private static RestClient restClient(ApplicationContext context, ClientHttpRequestFactory factory) {
		return RestClient.builder()
			.requestFactory(factory)
			.requestInterceptor(context.getBean(HttpBackendInterceptor.class))
			.build();
	}

	private interface Scenario {

		void run(ApplicationContext context, HttpBackend backend) throws Exception;

	}

	private interface Caller {

		/** Asks the service pay, and returns the body of the answer. */
		String get(String path, String key);

	}

	interface Orders {

		@GetExchange("/orders")
		String orders(@RequestHeader("X-Route-Key") String key);

	}

	enum Client {

		JDK {
			@Override
			Caller caller(ApplicationContext context) {
				return over(restClient(context, new JdkClientHttpRequestFactory()));
			}
		},

		REACTOR {
			@Override
			Caller caller(ApplicationContext context) {
				return over(restClient(context, new ReactorClientHttpRequestFactory()));
			}
		},

		SIMPLE {
			@Override
			Caller caller(ApplicationContext context) {
				return over(restClient(context, new SimpleClientHttpRequestFactory()));
			}
		},

		WEB_CLIENT {
			@Override
			Caller caller(ApplicationContext context) {
				WebClient client = WebClient.builder().filter(context.getBean(HttpBackendExchangeFilter.class)).build();
				return (path,
						key) -> String.valueOf(client.get()
							.uri(URI.create("http://pay" + path))
							.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
							.retrieve()
							.bodyToMono(String.class)
							.block(LONG));
			}
		};

		abstract Caller caller(ApplicationContext context);

		static Caller over(RestClient client) {
			return (path,
					key) -> String.valueOf(client.get()
						.uri(URI.create("http://pay" + path))
						.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
						.retrieve()
						.body(String.class));
		}

	}

}
