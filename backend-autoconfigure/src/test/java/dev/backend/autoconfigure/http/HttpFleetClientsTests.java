package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.http.HttpBackend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.RequestEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Spring's HTTP clients, led to the services of several fleets.
 */
@Timeout(120)
class HttpFleetClientsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final Map<String, HttpServer> servers = new LinkedHashMap<>();

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
				RoutedClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class,
				ReactiveHttpClientAutoConfiguration.class, RestClientAutoConfiguration.class,
				RestTemplateAutoConfiguration.class, WebClientAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withPropertyValues("backend.http.enabled=true", "backend.http.await-ready=20s",
				"spring.reactor.netty.shutdown-quiet-period=200ms", "backend.http.fleets.pay.services=pay,bank-*",
				"backend.http.fleets.pay.route.services=pay,bank-1", "backend.http.fleets.shop.services=shop",
				"backend.http.fleets.shop.route.services=shop", "backend.http.fleets.shop.route.key-header=X-Shop-Key");

	@BeforeEach
	void startServers() throws IOException {
		for (String id : List.of("pay-1", "pay-2", "shop-1", "shop-2", "lobby-1")) {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
			server.createContext("/", (exchange) -> answer(exchange, id));
			server.start();
			this.servers.put(id, server);
		}
		this.discovery.push(this.servers.entrySet()
			.stream()
			.map((server) -> new DiscoveredInstance(server.getKey().substring(0, server.getKey().indexOf('-')),
					server.getKey(), "http", "127.0.0.1", server.getValue().getAddress().getPort(), List.of(),
					Map.of()))
			.toArray(DiscoveredInstance[]::new));
	}

	private static void answer(HttpExchange exchange, String id) throws IOException {
		byte[] body = id.getBytes(StandardCharsets.UTF_8);
		exchange.sendResponseHeaders(200, body.length);
		exchange.getResponseBody().write(body);
		exchange.close();
	}

	@AfterEach
	void stopServers() {
		this.servers.values().forEach((server) -> server.stop(0));
	}

	@ParameterizedTest
	@EnumSource(Client.class)
	void aRequestGoesToTheFleetOfItsServiceByTheKeyHeaderOfThat(Client client) {
		this.runner.run((context) -> {
			Caller caller = client.caller(context);
			Set<String> seen = new TreeSet<>();
			for (int i = 0; i < 30; i++) {
				String key = "user-" + i;
				String other = "other-" + i;
				Map<String, String> payKey = Map.of("X-Route-Key", key, "X-Shop-Key", other);
				Map<String, String> shopKey = Map.of("X-Route-Key", other, "X-Shop-Key", key);
				String pay = caller.get("http://pay/", payKey);
				String shop = caller.get("http://shop/", shopKey);
				assertThat(pay).isEqualTo(owner(context, "payHttpBackend", "pay", key));
				assertThat(shop).isEqualTo(owner(context, "shopHttpBackend", "shop", key));
				seen.addAll(List.of(pay, shop));
			}
			assertThat(seen).containsExactly("pay-1", "pay-2", "shop-1", "shop-2");
		});
	}

	@Test
	void whenNoFleetClaimsTheServiceThenTheRequestFailsAndSaysSo() {
		this.runner.run((context) -> {
			Caller caller = Client.WRAPPED_FACTORY.caller(context);
			assertThatExceptionOfType(ServiceNotFoundException.class)
				.isThrownBy(() -> caller.get("http://lobby/", Map.of()))
				.withMessage("No service 'lobby': no fleet below backend.http.fleets claims it (fleets: [pay, shop])");
			assertThatExceptionOfType(ServiceNotFoundException.class)
				.isThrownBy(() -> caller.get("http://bank-1/", Map.of()))
				.withMessage("No service 'bank-1': no instance is known; known service names: [pay]");
		});
	}

	@Test
	void whenOneFleetAllowsPlainHttpThenTheOtherDoesNot() {
		this.runner.withPropertyValues("backend.http.fleets.pay.route.allow-downgrade=true").run((context) -> {
			Caller caller = Client.REST_CLIENT.caller(context);
			assertThat(caller.get("https://pay/", Map.of())).startsWith("pay-");
			assertThatIllegalStateException().isThrownBy(() -> caller.get("https://shop/", Map.of()))
				.withMessageContaining("or set backend.http.route.allow-downgrade");
		});
	}

	@Test
	void whenTheServicesStandAboveAllFleetsThenEachIsLedByItsFleet() {
		this.runner
			.withPropertyValues("backend.http.fleets.pay.route.services=", "backend.http.fleets.shop.route.services=",
					"backend.http.route.services=pay")
			.run((context) -> assertThat(context.getBean(HttpRoutes.class).of("pay").knows("pay")).isTrue());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "fleets.pay.route.services | shop | names of services of this fleet",
					"fleets.pay.route.services | lobby | names of services of this fleet",
					"fleets.pay.route.services | bank-a%b | what can be the host of a URI" })
	void whenALedServiceIsNotOneOfTheFleetThenTheStartFails(String property, String value, String expected) {
		this.runner.withPropertyValues("backend.http." + property + "=" + value)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"Property backend.http." + property + " with value '" + value + "' is invalid", expected));
	}

	@Test
	void whenALedServiceBelongsToNoFleetThenTheStartFails() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					HttpBackendAutoConfiguration.class, RoutedClientAutoConfiguration.class))
			.withBean(InMemoryDiscovery.class)
			.withPropertyValues("backend.http.enabled=true", "backend.http.fleets.pay.services=pay",
					"backend.http.route.services=pay,lobby")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"Property backend.http.route.services with value 'lobby' is invalid",
					"names of services that belong to a fleet"));
	}

	private static String owner(ApplicationContext context, String bean, String service, String key) {
		return context.getBean(bean, HttpBackend.class).select(service, Route.hash(key)).id();
	}

	/** The ways to make a client. */
	private enum Client {

		REST_CLIENT {
			@Override
			Caller caller(ApplicationContext context) {
				return rest(context.getBean(RestClient.Builder.class).build());
			}
		},

		REST_TEMPLATE {
			@Override
			Caller caller(ApplicationContext context) {
				return (uri, headers) -> context.getBean(RestTemplateBuilder.class)
					.build()
					.exchange(RequestEntity.get(uri).headers(of(headers)).build(), String.class)
					.getBody();
			}
		},

		WRAPPED_FACTORY {
			@Override
			Caller caller(ApplicationContext context) {
				return rest(RestClient.builder()
					.requestFactory(
							context.getBean(HttpBackendRequestFactories.class).wrap(new JdkClientHttpRequestFactory()))
					.build());
			}
		},

		WEB_CLIENT {
			@Override
			Caller caller(ApplicationContext context) {
				return web(context.getBean(WebClient.Builder.class).build());
			}
		},

		FILTER {
			@Override
			Caller caller(ApplicationContext context) {
				return web(WebClient.builder().filter(context.getBean(HttpBackendExchangeFilter.class)).build());
			}
		};

		abstract Caller caller(ApplicationContext context);

		private static Caller rest(RestClient client) {
			return (uri, headers) -> client.get()
				.uri(uri)
				.headers((all) -> all.putAll(of(headers)))
				.retrieve()
				.body(String.class);
		}

		private static Caller web(WebClient client) {
			return (uri, headers) -> client.get()
				.uri(uri)
				.headers((all) -> all.putAll(of(headers)))
				.retrieve()
				.bodyToMono(String.class)
				.block(LONG);
		}

		private static HttpHeaders of(Map<String, String> headers) {
			HttpHeaders all = new HttpHeaders();
			headers.forEach(all::add);
			return all;
		}

	}

	private interface Caller {

		@Nullable String get(String uri, Map<String, String> headers);

	}

}
