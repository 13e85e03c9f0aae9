package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.PayServers;
import dev.backend.discovery.DiscoveredInstance;
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
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.mock.http.client.MockClientHttpRequest;
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
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
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
	void whatWasRefusedByAllFailsAndTheInstancesAreProbed() {
		run((context, backend) -> {
			RestClient client = restClient(context, new JdkClientHttpRequestFactory());
			List.of("pay-1", "pay-2", "pay-3").forEach(this.servers::kill);
			assertThatExceptionOfType(ResourceAccessException.class)
				.isThrownBy(() -> client.post()
					.uri("http://pay/orders")
					.attribute(HttpRoutes.KEY_ATTRIBUTE, "user-1")
					.body("one")
					.retrieve()
					.toBodilessEntity())
				.havingCause()
				.isInstanceOf(ConnectException.class);
			await().until(() -> backend.services()
				.stream()
				.anyMatch((service) -> service.availability() != Availability.READY));
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
			RestClient client = restClient(context, new JdkClientHttpRequestFactory()).mutate()
				.baseUrl("http://pay")
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
				.isThrownBy(() -> client.get().uri("/orders").retrieve().toBodilessEntity())
				.withMessageContaining("expected: a service name");
		});
	}

	@Test
	void aRequestToHttpsDoesNotGoUnencryptedUnlessItMay() {
		run((context, backend) -> {
			assertThatIllegalStateException()
				.isThrownBy(() -> restClient(context, new JdkClientHttpRequestFactory()).get()
					.uri("https://pay/orders")
					.retrieve()
					.toBodilessEntity())
				.withMessageContainingAll("https://pay", "pay/pay-", "127.0.0.1", "scheme http",
						"backend.http.route.allow-downgrade");
			assertThatIllegalStateException()
				.isThrownBy(() -> WebClient.builder()
					.filter(context.getBean(HttpBackendExchangeFilter.class))
					.build()
					.get()
					.uri("https://pay/orders")
					.retrieve()
					.toBodilessEntity()
					.block(LONG))
				.withMessageContainingAll("https://pay", "backend.http.route.allow-downgrade");
		});
		this.contextRunner.withPropertyValues("backend.http.route.allow-downgrade=true").run((context) -> {
			assertThat(context.getBean(HttpBackend.class).awaitReady(LONG)).isTrue();
			assertThat(restClient(context, new JdkClientHttpRequestFactory()).get()
				.uri("https://pay/orders")
				.retrieve()
				.body(String.class)).endsWith(" /orders");
		});
	}

	/**
	 * Of several instances, only one that speaks TLS takes over what was to be encrypted.
	 */
	@Test
	void whatGoesToTheNextOwnerStaysEncrypted() {
		this.servers.discovery()
			.push(new DiscoveredInstance("pay", "pay-1", "https", "127.0.0.1", this.servers.port("pay-1"), List.of(),
					Map.of()),
					new DiscoveredInstance("pay", "pay-2", "http", "127.0.0.1", this.servers.port("pay-2"), List.of(),
							Map.of()));
		run((context, backend) -> {
			List<URI> asked = new CopyOnWriteArrayList<>();
			ClientHttpRequestFactory factory = context.getBean(HttpBackendRequestFactories.class)
				.wrap((uri, method) -> new MockClientHttpRequest(method, uri) {
					@Override
					protected ClientHttpResponse executeInternal() throws IOException {
						asked.add(uri);
						throw new ConnectException("refused");
					}
				});
			for (String scheme : List.of("http", "https")) {
				ClientHttpRequest request = factory.createRequest(URI.create(scheme + "://pay/orders"), HttpMethod.GET);
				request.getAttributes().put(HttpRoutes.KEY_ATTRIBUTE, PayServers.keyOf("pay-1", backend));
				assertThatIOException().isThrownBy(request::execute).withMessage("refused");
			}
			assertThat(asked).extracting(URI::getScheme).containsExactly("https", "http", "https");
		});
	}

	@Test
	void whatWasSentAndRedirectedIsNotSentAgainUnlessItMayBe() {
		run((context, backend) -> {
			List<HttpMethod> asked = new CopyOnWriteArrayList<>();
			ClientHttpRequestFactory factory = context.getBean(HttpBackendRequestFactories.class)
				.wrap((uri, method) -> new MockClientHttpRequest(method, uri) {
					@Override
					protected ClientHttpResponse executeInternal() throws IOException {
						asked.add(method);
						throw new ConnectException("of where it was redirected to");
					}
				});
			for (HttpMethod method : List.of(HttpMethod.POST, HttpMethod.PUT)) {
				ClientHttpRequest request = factory.createRequest(URI.create("http://pay/orders"), method);
				request.getBody().write(1);
				assertThatIOException().isThrownBy(request::execute);
			}
			assertThat(asked).containsExactly(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PUT);
		});
	}

	@Test
	void aServiceNameMayHaveAnUnderscore() {
		this.servers.discovery()
			.push(new DiscoveredInstance("my_service", "pay-1", "http", "127.0.0.1", this.servers.port("pay-1"),
					List.of(), Map.of()));
		run((context, backend) -> {
			RestClient client = restClient(context, new JdkClientHttpRequestFactory());
			WebClient web = WebClient.builder().filter(context.getBean(HttpBackendExchangeFilter.class)).build();
			for (String uri : List.of("http://my_service/a?b=c", "http://MY_service:80/a?b=c")) {
				assertThat(client.get().uri(uri).retrieve().body(String.class)).isEqualTo("pay-1 /a?b=c");
				assertThat(web.get().uri(uri).retrieve().bodyToMono(String.class).block(LONG))
					.isEqualTo("pay-1 /a?b=c");
			}
		});
	}

	@Test
	void whenThereIsNoWebClientThenThereIsNoFilter() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(ExchangeFilterFunction.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(HttpBackendRequestFactories.class)
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
			.requestFactory(context.getBean(HttpBackendRequestFactories.class).wrap(factory))
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
