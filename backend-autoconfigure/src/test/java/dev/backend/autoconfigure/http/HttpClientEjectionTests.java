package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.HttpLibrary;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.PayServers;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import dev.backend.http.HttpState;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.mock.http.client.MockClientHttpRequest;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Instances that accept connections, so that their probe succeeds, and answer badly or
 * not at all.
 */
@Timeout(120)
@SlowTest
class HttpClientEjectionTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private enum Behaviour {

		OK, ERROR, BAD_GATEWAY, UNAVAILABLE, GATEWAY_TIMEOUT, RESET, SILENT, BROKEN

	}

	private final AtomicReference<Behaviour> behaviour = new AtomicReference<>(Behaviour.OK);

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final List<HttpServer> servers = new ArrayList<>();

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
				RoutedClientAutoConfiguration.class))
		.withPropertyValues("backend.http.enabled=true", "backend.http.probe.interval=1h",
				"backend.http.await-ready=20s", "backend.http.ejection.enabled=true",
				"backend.http.ejection.consecutive-failures=2", "backend.http.ejection.base-time=1h",
				"backend.http.ejection.maximum-time=1h")
		.withBean(InMemoryDiscovery.class, () -> this.discovery);

	@BeforeEach
	void startServers() throws Exception {
		List<DiscoveredInstance> instances = new ArrayList<>();
		for (String id : List.of("pay-1", "pay-2")) {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
			server.setExecutor(this.threads);
			server.createContext("/", (exchange) -> answer(exchange, this.behaviour.get()));
			server.start();
			this.servers.add(server);
			instances.add(new DiscoveredInstance("pay", id, "http", "127.0.0.1", server.getAddress().getPort(),
					List.of(), Map.of("routerTag", id)));
		}
		this.discovery.push(instances.toArray(DiscoveredInstance[]::new));
	}

	@AfterEach
	void stopServers() {
		this.servers.forEach((server) -> server.stop(0));
		this.threads.shutdownNow();
	}

	private static void answer(HttpExchange exchange, Behaviour behaviour) throws IOException {
		switch (behaviour) {
			case OK -> exchange.sendResponseHeaders(204, -1);
			case ERROR -> exchange.sendResponseHeaders(500, -1);
			case BAD_GATEWAY -> exchange.sendResponseHeaders(502, -1);
			case UNAVAILABLE -> exchange.sendResponseHeaders(503, -1);
			case GATEWAY_TIMEOUT -> exchange.sendResponseHeaders(504, -1);
			case RESET -> {
				// closed without an answer
			}
			case SILENT -> {
				return;
			}
			case BROKEN -> {
				exchange.sendResponseHeaders(200, 100);
				exchange.getResponseBody().write(new byte[10]);
			}
		}
		exchange.close();
	}

	@Test
	void whenTheStatusOfAResponseCannotBeReadThenTheResponseIsClosed() {
		this.contextRunner.run((context) -> {
			ClientHttpResponse response = mock(ClientHttpResponse.class);
			given(response.getStatusCode()).willThrow(new IOException("cut"));
			ClientHttpRequestFactory factory = context.getBean(HttpBackendRequestFactories.class)
				.wrap((uri, method) -> {
					MockClientHttpRequest request = new MockClientHttpRequest(method, uri);
					request.setResponse(response);
					return request;
				});
			assertThatIOException()
				.isThrownBy(() -> factory.createRequest(URI.create("http://pay/orders"), HttpMethod.GET).execute())
				.withMessage("cut");
			then(response).should().close();
		});
	}

	@ParameterizedTest
	@EnumSource(value = Behaviour.class, names = { "BAD_GATEWAY", "UNAVAILABLE", "GATEWAY_TIMEOUT", "RESET", "SILENT" })
	void whenRequestsFailThenEitherClientHasTheInstanceEjected(Behaviour behaviour) {
		this.contextRunner.run((context) -> {
			this.behaviour.set(behaviour);
			assertEjected(context, "pay-1", () -> blocking(context, "pay-1"));
		});
		this.contextRunner.run((context) -> {
			this.behaviour.set(behaviour);
			assertEjected(context, "pay-2", () -> reactive(context, "pay-2"));
		});
	}

	@Test
	void anAnswerOfTheApplicationIsNoFailureWhateverItSays() {
		this.contextRunner.run((context) -> {
			HttpService service = context.getBean(HttpBackend.class).getService("pay", "pay-1");
			for (int i = 0; i < 5; i++) {
				this.behaviour.set(Behaviour.UNAVAILABLE);
				blocking(context, "pay-1");
				this.behaviour.set(Behaviour.ERROR);
				blocking(context, "pay-1");
				this.behaviour.set(Behaviour.UNAVAILABLE);
				reactive(context, "pay-1");
				this.behaviour.set(Behaviour.ERROR);
				reactive(context, "pay-1");
			}
			assertEjected(context, "pay-2", () -> {
				this.behaviour.set(Behaviour.UNAVAILABLE);
				blocking(context, "pay-2");
			});
			assertThat(service.state()).isEqualTo(HttpState.UP);
		});
	}

	@Test
	void whatFailsBeforeTheRequestIsNoFailureOfTheInstance() {
		this.contextRunner.run((context) -> {
			WebClient client = WebClient.builder()
				.filter(context.getBean(HttpBackendExchangeFilter.class))
				.filter((request, next) -> Mono.error(new IllegalStateException("no token")))
				.build();
			for (int i = 0; i < 5; i++) {
				assertThatIllegalStateException().isThrownBy(() -> call(client, "pay-1"));
			}
			assertEjected(context, "pay-2", () -> {
				this.behaviour.set(Behaviour.UNAVAILABLE);
				blocking(context, "pay-2");
			});
			assertThat(context.getBean(HttpBackend.class).getService("pay", "pay-1").state()).isEqualTo(HttpState.UP);
		});
	}

	@ParameterizedTest
	@EnumSource(HttpLibrary.class)
	void whenTheBodyBreaksOffThenThatIsAFailureWhateverTheClient(HttpLibrary library) {
		this.contextRunner.run((context) -> {
			HttpBackend backend = context.getBean(HttpBackend.class);
			HttpLibrary.Caller caller = library.caller(context, LONG, UnaryOperator.identity());
			String key = PayServers.keyOf("pay-1", backend);
			this.behaviour.set(Behaviour.BROKEN);
			assertEjected(context, "pay-1", () -> {
				try {
					caller.call(HttpMethod.GET, key, null);
				}
				catch (RuntimeException ex) {
					assertThat(ex).hasMessageNotContaining("No usable service");
				}
			});
		});
	}

	@ParameterizedTest
	@EnumSource(HttpLibrary.class)
	void whenTheBodyEndsThenThatIsASuccess(HttpLibrary library) {
		this.contextRunner.run((context) -> {
			HttpBackend backend = context.getBean(HttpBackend.class);
			HttpLibrary.Caller caller = library.caller(context, LONG, UnaryOperator.identity());
			String key = PayServers.keyOf("pay-1", backend);
			HttpService service = backend.getService("pay", "pay-1");
			for (int i = 0; i < 4; i++) {
				service.failed(new IOException("one of two"));
				caller.call(HttpMethod.GET, key, null);
			}
			assertEjected(context, "pay-1", () -> service.failed(new IOException("both of two")));
		});
	}

	@Test
	void whatTheCallerCancelsBeforeAnAnswerCountsIfItMay() {
		this.behaviour.set(Behaviour.SILENT);
		this.contextRunner.withPropertyValues("backend.http.ejection.cancelled-after=100ms")
			.run((context) -> assertEjected(context, "pay-1", () -> cancelled(context, "pay-1")));
		this.contextRunner.run((context) -> {
			for (int i = 0; i < 4; i++) {
				cancelled(context, "pay-1");
			}
			this.behaviour.set(Behaviour.UNAVAILABLE);
			assertEjected(context, "pay-1", () -> blocking(context, "pay-1"));
		});
	}

	private static void cancelled(ApplicationContext context, String tag) {
		WebClient client = WebClient.builder().filter(context.getBean(HttpBackendExchangeFilter.class)).build();
		assertThatException()
			.isThrownBy(() -> client.get()
				.uri("http://pay/")
				.attribute(HttpRoutes.TAG_ATTRIBUTE, tag)
				.retrieve()
				.bodyToMono(String.class)
				.timeout(Duration.ofMillis(200))
				.block(LONG))
			.havingCause()
			.isInstanceOf(TimeoutException.class);
	}

	@Test
	void anUploadThatCannotBeReadIsNoFailureOfTheInstance() {
		this.contextRunner.run((context) -> {
			RestClient client = RestClient.builder()
				.requestFactory(
						context.getBean(HttpBackendRequestFactories.class).wrap(new JdkClientHttpRequestFactory()))
				.build();
			StreamingHttpOutputMessage.Body broken = (out) -> {
				throw new IOException("disk");
			};
			WebClient web = WebClient.builder().filter(context.getBean(HttpBackendExchangeFilter.class)).build();
			for (int i = 0; i < 4; i++) {
				assertThatException().isThrownBy(() -> client.post()
					.uri("http://pay/")
					.attribute(HttpRoutes.TAG_ATTRIBUTE, "pay-1")
					.body(broken)
					.retrieve()
					.toBodilessEntity());
				assertThatException().isThrownBy(() -> web.post()
					.uri("http://pay/")
					.attribute(HttpRoutes.TAG_ATTRIBUTE, "pay-1")
					.body(BodyInserters.fromDataBuffers(Flux.error(new IOException("disk"))))
					.retrieve()
					.toBodilessEntity()
					.block(LONG));
			}
			this.behaviour.set(Behaviour.UNAVAILABLE);
			assertEjected(context, "pay-1", () -> blocking(context, "pay-1"));
		});
	}

	/** Short only for servers that do not answer: a busy one is no failure. */
	private Duration timeout() {
		return (this.behaviour.get() == Behaviour.SILENT) ? Duration.ofMillis(300) : LONG;
	}

	private static void assertEjected(ApplicationContext context, String id, Runnable request) {
		HttpService service = context.getBean(HttpBackend.class).getService("pay", id);
		assertThat(service.state()).isEqualTo(HttpState.UP);
		request.run();
		assertThat(service.state()).isEqualTo(HttpState.UP);
		request.run();
		await().atMost(LONG).until(() -> service.state() == HttpState.EJECTED);
		assertThat(service.lastFailure()).hasMessageContaining("2 requests in a row failed");
	}

	/** Whatever comes of it. */
	private void blocking(ApplicationContext context, String tag) {
		JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory();
		factory.setReadTimeout(timeout());
		RestClient client = RestClient.builder()
			.requestFactory(context.getBean(HttpBackendRequestFactories.class).wrap(factory))
			.build();
		try {
			client.post().uri("http://pay/").attribute(HttpRoutes.TAG_ATTRIBUTE, tag).retrieve().toBodilessEntity();
		}
		catch (RuntimeException ex) {
			assertThat(ex).hasMessageNotContaining("No usable service");
		}
	}

	private void reactive(ApplicationContext context, String tag) {
		WebClient client = WebClient.builder()
			.clientConnector(new ReactorClientHttpConnector(
					HttpClient.newConnection().disableRetry(true).responseTimeout(timeout())))
			.filter(context.getBean(HttpBackendExchangeFilter.class))
			.build();
		try {
			call(client, tag);
		}
		catch (RuntimeException ex) {
			assertThat(ex).hasMessageNotContaining("No usable service");
		}
	}

	private static void call(WebClient client, String tag) {
		client.post()
			.uri("http://pay/")
			.attribute(HttpRoutes.TAG_ATTRIBUTE, tag)
			.retrieve()
			.toBodilessEntity()
			.block(LONG);
	}

}
