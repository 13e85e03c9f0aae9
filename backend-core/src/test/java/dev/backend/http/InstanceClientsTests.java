package dev.backend.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.sun.net.httpserver.HttpServer;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The clients that an instance has, against a real server. Probes are rare, so that it is
 * a failed request that finds the server gone.
 */
@Timeout(60)
class InstanceClientsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final HttpBackend.Builder builder = HttpBackend.builder()
		.settings(HttpSettings.defaults().withTimes(Duration.ofHours(1), LONG).withThresholds(1, 1))
		.discovery(this.discovery);

	private HttpServer server = server();

	@BeforeEach
	void list() {
		this.discovery.set(new DiscoveredInstance("pay", "pay-1", "http", "127.0.0.1",
				this.server.getAddress().getPort(), List.of(), Map.of()));
	}

	@AfterEach
	void stop() {
		this.server.stop(0);
	}

	@Test
	void aClientIsMadeOnceAndBoundToTheInstance() throws Exception {
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			RestClient client = service.restClient();
			assertThat(client.get().uri("/orders/{id}?of=7", "a b").retrieve().body(String.class))
				.isEqualTo("/orders/a%20b?of=7");
			assertThat(service.webClient().get().uri("/orders").retrieve().bodyToMono(String.class).block(LONG))
				.isEqualTo("/orders");
			assertThat(service.restClient()).isSameAs(client);
			assertThat(service.webClient()).isSameAs(service.webClient());
		}
	}

	@Test
	void aBuilderOfOnesOwnKeepsItsSettingsButNotItsBase() throws Exception {
		this.builder.restClients(() -> RestClient.builder()
			.baseUrl("http://elsewhere.invalid")
			.defaultRequest((request) -> request.header("X-Who", "rest")));
		this.builder.webClients(() -> WebClient.builder()
			.baseUrl("http://elsewhere.invalid")
			.defaultRequest((request) -> request.header("X-Who", "web")));
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			assertThat(service.restClient().get().uri("/").retrieve().toEntity(String.class).getHeaders().get("X-Who"))
				.containsExactly("rest");
			assertThat(service.webClient().get().uri("/").retrieve().toBodilessEntity().block(LONG)).isNotNull()
				.satisfies((entity) -> assertThat(entity.getHeaders().get("X-Who")).containsExactly("web"));
		}
	}

	@Test
	void whenARequestOfARestClientFailsThenTheInstanceIsProbed() throws Exception {
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			this.server.stop(0);
			assertThatExceptionOfType(ResourceAccessException.class)
				.isThrownBy(() -> service.restClient().get().uri("/").retrieve().toBodilessEntity());
			await().until(() -> service.state() == HttpState.DOWN);
		}
	}

	@Test
	void whenARequestOfAWebClientFailsThenTheInstanceIsProbed() throws Exception {
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			this.server.stop(0);
			assertThatExceptionOfType(WebClientRequestException.class)
				.isThrownBy(() -> service.webClient().get().uri("/").retrieve().toBodilessEntity().block(LONG));
			await().until(() -> service.state() == HttpState.DOWN);
		}
	}

	private HttpBackend started() throws InterruptedException {
		HttpBackend backend = this.builder.build();
		backend.start();
		assertThat(backend.awaitReady(LONG)).isTrue();
		return backend;
	}

	/** Answers with the request's URI, and with its header X-Who. */
	private static HttpServer server() {
		try {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
			server.createContext("/", (exchange) -> {
				byte[] body = exchange.getRequestURI().toString().getBytes(StandardCharsets.UTF_8);
				exchange.getRequestHeaders()
					.getOrDefault("X-Who", List.of())
					.forEach((who) -> exchange.getResponseHeaders().add("X-Who", who));
				exchange.sendResponseHeaders(200, body.length);
				exchange.getResponseBody().write(body);
				exchange.close();
			});
			server.start();
			return server;
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
