package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.http.HttpBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.netty.resources.ConnectionProvider;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server that is killed under load, its connections with it. Each client has kept
 * connections of its own, one to each server.
 */
@Timeout(120)
class ServerKilledTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final int CLIENTS = 4;

	private static final int KEYS = 60;

	private final Map<String, HttpServer> servers = new LinkedHashMap<>();

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ExecutorService serverThreads = Executors.newCachedThreadPool();

	private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
				RoutedClientAutoConfiguration.class))
		.withPropertyValues("backend.http.enabled=true")
		.withBean(InMemoryDiscovery.class, () -> this.discovery);

	@BeforeEach
	void startServers() throws IOException {
		List<DiscoveredInstance> instances = new ArrayList<>();
		for (String id : List.of("pay-1", "pay-2", "pay-3")) {
			HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
			server.setExecutor(this.serverThreads);
			server.createContext("/", (exchange) -> answer(exchange, id));
			server.start();
			this.servers.put(id, server);
			instances.add(new DiscoveredInstance("pay", id, "http", "127.0.0.1", server.getAddress().getPort(),
					List.of(), Map.of()));
		}
		this.discovery.push(instances.toArray(DiscoveredInstance[]::new));
	}

	private static void answer(HttpExchange exchange, String id) throws IOException {
		try (exchange) {
			// Long enough that the kill finds requests under way.
			LockSupport.parkNanos(1_000_000);
			byte[] body = id.getBytes(StandardCharsets.UTF_8);
			exchange.sendResponseHeaders(200, body.length);
			exchange.getResponseBody().write(body);
		}
	}

	@AfterEach
	void stop() {
		this.threads.shutdownNow();
		this.servers.values().forEach((server) -> server.stop(0));
		this.serverThreads.shutdownNow();
	}

	@ParameterizedTest
	@EnumSource(Client.class)
	void onlyItsKeysMoveAndEachClientLosesAtMostOneRequest(Client kind) {
		this.contextRunner.run((context) -> {
			HttpBackend backend = context.getBean(HttpBackend.class);
			assertThat(backend.awaitReady(LONG)).isTrue();
			Map<String, String> owners = new HashMap<>();
			for (int i = 0; i < KEYS; i++) {
				owners.put("user-" + i, backend.select("pay", Route.hash("user-" + i)).id());
			}
			assertThat(owners.values()).contains("pay-1", "pay-2", "pay-3");
			CountDownLatch warm = new CountDownLatch(CLIENTS);
			CountDownLatch killed = new CountDownLatch(1);
			List<Future<Load>> loads = new ArrayList<>();
			for (int i = 0; i < CLIENTS; i++) {
				loads.add(this.threads.submit(load(kind, context, owners, warm, killed)));
			}
			assertThat(warm.await(60, TimeUnit.SECONDS)).isTrue();
			kill("pay-2");
			killed.countDown();
			for (Future<Load> load : loads) {
				Load done = load.get(60, TimeUnit.SECONDS);
				assertThat(done.failures()).hasSizeLessThanOrEqualTo(1);
				assertThat(done.strayed()).isEmpty();
				assertThat(done.last()).hasSize(KEYS).doesNotContainValue("pay-2");
			}
		});
	}

	/** At once, without a wait for the requests under way. */
	private void kill(String id) {
		Objects.requireNonNull(this.servers.get(id)).stop(0);
	}

	private static Callable<Load> load(Client kind, ApplicationContext context, Map<String, String> owners,
			CountDownLatch warm, CountDownLatch killed) {
		return () -> {
			Load load = new Load(owners, new ArrayList<>(), new ArrayList<>(), new HashMap<>());
			try (Caller caller = kind.caller(context)) {
				load.round(caller);
				assertThat(load.failures()).isEmpty();
				warm.countDown();
				while (killed.getCount() > 0) {
					load.round(caller);
				}
				for (int i = 0; i < 3; i++) {
					load.round(caller);
				}
			}
			return load;
		};
	}

	/**
	 * What a client has seen.
	 *
	 * @param owners who owns which key while all servers live
	 * @param failures the failed requests
	 * @param strayed keys that moved although their owner lives
	 * @param last who answered last, by key
	 */
	private record Load(Map<String, String> owners, List<Throwable> failures, List<String> strayed,
			Map<String, String> last) {

		void round(Caller caller) {
			this.owners.forEach((key, owner) -> {
				try {
					String answered = caller.get(key);
					this.last.put(key, answered);
					if (!answered.equals(owner) && !owner.equals("pay-2")) {
						this.strayed.add(key);
					}
				}
				catch (ResourceAccessException | WebClientRequestException ex) {
					this.failures.add(ex);
				}
			});
		}

	}

	private interface Caller extends AutoCloseable {

		String get(String key);

		@Override
		default void close() {
		}

	}

	enum Client {

		REST_CLIENT {
			@Override
			Caller caller(ApplicationContext context) {
				RestClient client = RestClient.builder()
					.requestFactory(context.getBean(HttpBackendRequestFactories.class)
						.wrap(new JdkClientHttpRequestFactory(HttpClient.newHttpClient())))
					.build();
				return (key) -> String.valueOf(client.get()
					.uri("http://pay/orders")
					.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
					.retrieve()
					.body(String.class));
			}
		},

		WEB_CLIENT {
			@Override
			Caller caller(ApplicationContext context) {
				ConnectionProvider connections = ConnectionProvider.create("client", 1);
				WebClient client = WebClient.builder()
					.clientConnector(
							new ReactorClientHttpConnector(reactor.netty.http.client.HttpClient.create(connections)))
					.filter(context.getBean(HttpBackendExchangeFilter.class))
					.build();
				return new Caller() {
					@Override
					public String get(String key) {
						return String.valueOf(client.get()
							.uri("http://pay/orders")
							.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
							.retrieve()
							.bodyToMono(String.class)
							.block(LONG));
					}

					@Override
					public void close() {
						connections.dispose();
					}
				};
			}
		};

		abstract Caller caller(ApplicationContext context);

	}

}
