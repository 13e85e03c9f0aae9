package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import dev.backend.http.HttpSettings;
import dev.backend.http.HttpState;
import io.micrometer.observation.tck.TestObservationRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The clients of instances, against a real server. Probes are rare, so that it is a
 * failed request that finds the server gone.
 */
@Timeout(60)
class InstanceClientsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final HttpServer server = server();

	@BeforeEach
	void list() {
		this.discovery.push(instance("pay-1"));
	}

	@AfterEach
	void stop() {
		this.server.stop(0);
	}

	@Test
	void aClientIsMadeOnceAndBoundToTheInstance() throws Exception {
		InstanceRestClients restClients = new InstanceRestClients();
		InstanceWebClients webClients = new InstanceWebClients();
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			RestClient restClient = restClients.of(service);
			WebClient webClient = webClients.of(service);
			assertThat(restClient.get().uri("/orders/{id}?of=7", "a b").retrieve().body(String.class))
				.isEqualTo("/orders/a%20b?of=7");
			assertThat(webClient.get().uri("/orders").retrieve().bodyToMono(String.class).block(LONG))
				.isEqualTo("/orders");
			assertThat(restClients.of(service)).isSameAs(restClient);
			assertThat(webClients.of(service)).isSameAs(webClient);
		}
	}

	@Test
	void aBuilderOfOnesOwnKeepsItsSettingsButNotItsBase() throws Exception {
		InstanceRestClients restClients = new InstanceRestClients(new JdkClientHttpRequestFactory(),
				() -> RestClient.builder()
					.baseUrl("http://elsewhere.invalid")
					.defaultRequest((request) -> request.header("X-Who", "rest")));
		InstanceWebClients webClients = new InstanceWebClients(() -> WebClient.builder()
			.baseUrl("http://elsewhere.invalid")
			.defaultRequest((request) -> request.header("X-Who", "web")));
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			assertThat(restClients.of(service).get().uri("/").retrieve().toEntity(String.class).getHeaders())
				.satisfies((headers) -> assertThat(headers.get("X-Who")).containsExactly("rest"));
			assertThat(webClients.of(service).get().uri("/").retrieve().toBodilessEntity().block(LONG)).isNotNull()
				.satisfies((entity) -> assertThat(entity.getHeaders().get("X-Who")).containsExactly("web"));
		}
	}

	@Test
	void whenARequestOfARestClientFailsThenTheInstanceIsProbed() throws Exception {
		InstanceRestClients clients = new InstanceRestClients();
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			this.server.stop(0);
			assertThatExceptionOfType(ResourceAccessException.class)
				.isThrownBy(() -> clients.of(service).get().uri("/").retrieve().toBodilessEntity());
			await().until(() -> service.state() == HttpState.DOWN);
		}
	}

	@Test
	void whenARequestOfAWebClientFailsThenTheInstanceIsProbed() throws Exception {
		InstanceWebClients clients = new InstanceWebClients();
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			this.server.stop(0);
			assertThatExceptionOfType(WebClientRequestException.class)
				.isThrownBy(() -> clients.of(service).get().uri("/").retrieve().toBodilessEntity().block(LONG));
			await().until(() -> service.state() == HttpState.DOWN);
		}
	}

	@Test
	void whenTheInstanceMovesThenItsClientsGoThere() throws Exception {
		InstanceRestClients restClients = new InstanceRestClients();
		InstanceWebClients webClients = new InstanceWebClients();
		HttpServer other = server();
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			RestClient restClient = restClients.of(service);
			WebClient webClient = webClients.of(service);
			this.server.stop(0);
			int port = other.getAddress().getPort();
			this.discovery.push(new DiscoveredInstance("pay", "pay-1", "http", "127.0.0.1", port, List.of(), Map.of()));
			await().until(() -> service.uri().getPort() == port);
			assertThat(restClient.get().uri("/a").retrieve().body(String.class)).isEqualTo("/a");
			assertThat(webClient.get().uri("/a").retrieve().bodyToMono(String.class).block(LONG)).isEqualTo("/a");
		}
		finally {
			other.stop(0);
		}
	}

	/** Otherwise each address would make a series of its own. */
	@Test
	void metersKnowTheClientsByTheNameOfTheService() throws Exception {
		TestObservationRegistry observations = TestObservationRegistry.create();
		InstanceRestClients restClients = new InstanceRestClients(new JdkClientHttpRequestFactory(),
				() -> RestClient.builder().observationRegistry(observations));
		InstanceWebClients webClients = new InstanceWebClients(
				() -> WebClient.builder().observationRegistry(observations));
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			restClients.of(service).get().uri("/a").retrieve().body(String.class);
			webClients.of(service).get().uri("/a").retrieve().bodyToMono(String.class).block(LONG);
			assertThat(observations).hasNumberOfObservationsEqualTo(2)
				.forAllObservationsWithNameEqualTo("http.client.requests",
						(observation) -> observation.hasLowCardinalityKeyValue("client.name", "pay"));
		}
	}

	@Test
	void whenSeveralThreadsAskForAClientAtTheSameTimeThenAllGetTheSameOne() throws Exception {
		int threads = 4;
		CyclicBarrier barrier = new CyclicBarrier(threads);
		PerInstance<Object> clients = new PerInstance<>((place) -> {
			meet(barrier);
			return new Object();
		});
		try (HttpBackend backend = started()) {
			HttpService service = backend.getService("pay", "pay-1");
			Set<Object> seen = ConcurrentHashMap.newKeySet();
			List<Thread> asking = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				Thread thread = new Thread(() -> seen.add(clients.of(service)));
				thread.start();
				asking.add(thread);
			}
			for (Thread thread : asking) {
				thread.join();
			}
			assertThat(seen).containsExactly(clients.of(service));
		}
	}

	/** As in a rolling update, after which nobody asks for the old instances any more. */
	@Test
	void whenAnInstanceIsGoneThenSoAreItsClients() throws Exception {
		InstanceRestClients restClients = new InstanceRestClients();
		InstanceWebClients webClients = new InstanceWebClients();
		try (HttpBackend backend = started()) {
			List<WeakReference<?>> gone = Stream.of(backend.getService("pay", "pay-1"))
				.flatMap((service) -> Stream.of(service, restClients.of(service), webClients.of(service)))
				.<WeakReference<?>>map(WeakReference::new)
				.toList();
			this.discovery.push(instance("pay-2"));
			await().until(() -> backend.findService("pay", "pay-1") == null
					&& backend.findService("pay", "pay-2") instanceof HttpService);
			await().until(() -> {
				System.gc();
				restClients.of(backend.getService("pay", "pay-2"));
				webClients.of(backend.getService("pay", "pay-2"));
				return gone.stream().allMatch((reference) -> reference.refersTo(null));
			});
		}
	}

	@Test
	void whenAnInstanceIsGoneThenWhoeverHoldsItsClientsMayGoOn() throws Exception {
		InstanceRestClients restClients = new InstanceRestClients();
		InstanceWebClients webClients = new InstanceWebClients();
		try (HttpBackend backend = started()) {
			WeakReference<HttpService> gone = new WeakReference<>(backend.getService("pay", "pay-1"));
			RestClient restClient = restClients.of(backend.getService("pay", "pay-1"));
			WebClient webClient = webClients.of(backend.getService("pay", "pay-1"));
			this.discovery.push();
			await().until(() -> {
				System.gc();
				return gone.refersTo(null);
			});
			assertThat(restClient.get().uri("/a").retrieve().body(String.class)).isEqualTo("/a");
			this.server.stop(0);
			assertThatExceptionOfType(ResourceAccessException.class)
				.isThrownBy(() -> restClient.get().uri("/").retrieve().toBodilessEntity());
			assertThatExceptionOfType(WebClientRequestException.class)
				.isThrownBy(() -> webClient.get().uri("/").retrieve().toBodilessEntity().block(LONG));
		}
	}

	private static void meet(CyclicBarrier barrier) {
		try {
			barrier.await();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private HttpBackend started() throws InterruptedException {
		HttpBackend backend = HttpBackend.builder()
			.settings(HttpSettings.defaults().withTimes(Duration.ofHours(1), LONG).withThresholds(1, 1))
			.discovery(this.discovery)
			.build();
		backend.start();
		assertThat(backend.awaitReady(LONG)).isTrue();
		return backend;
	}

	private DiscoveredInstance instance(String id) {
		return new DiscoveredInstance("pay", id, "http", "127.0.0.1", this.server.getAddress().getPort(), List.of(),
				Map.of());
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
