package dev.backend.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.autoconfigure.event.BackendServiceEvent;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.test.SlowTest;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a user writes, against a real Redis, real servers and over real HTTP.
 */
@SlowTest
class EndToEndTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final RedisServer redis = RedisServer.stopped();

	private final List<EchoServer> servers = new ArrayList<>();

	private final ScheduledExecutorService heartbeats = Executors.newSingleThreadScheduledExecutor();

	@AfterEach
	void closeServers() throws InterruptedException {
		this.heartbeats.shutdownNow();
		assertThat(this.heartbeats.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		this.servers.forEach(EchoServer::close);
		this.redis.close();
	}

	@Test
	void aServiceThatRegistersWithRedisAnswersRequests() {
		this.redis.start();
		EchoServer server = server("game-1");
		try (ConfigurableApplicationContext context = run(WebApplicationType.NONE)) {
			context.getBean(RedisServiceRegistry.class).register(server.config().withTags("eu"));
			Client client = context.getBean(Client.class);
			await().until(() -> client.events.contains("ServiceReadyEvent game-1"));
			assertThat(client.ask("hello")).isEqualTo("game-1:hello");
			assertThat(client.connected).containsExactly("game-1");
		}
		await().until(() -> server.connections() == 0);
		assertThat(this.redis.commands().zrange("test-games", 0, -1)).as("deregistered at shutdown").isEmpty();
	}

	@Test
	void aRegistrationFromOutsideShowsInTheEndpointWithoutSecrets() throws Exception {
		this.redis.start();
		EchoServer server = server("go-1");
		try (ConfigurableApplicationContext context = run(WebApplicationType.REACTIVE)) {
			register("game&go-1&127.0.0.1&" + server.port() + "&tcp&routerTag=eu;token=secret");
			register("game&go-2&127.0.0.1&notaport&tcp");
			await().until(() -> context.getBean(Client.class).events.contains("ServiceReadyEvent go-1"));
			String text = get(context, "/actuator/backends");
			JsonNode backend = JsonMapper.shared().readTree(text).at("/backends/tcpBackend");
			assertThat(backend.at("/protocol").asString()).isEqualTo("tcp");
			assertThat(backend.at("/discovery/state").asString()).isEqualTo("UP");
			assertThat(backend.at("/discovery/source").asString()).isEqualTo("redis key 'test-games'");
			assertThat(backend.at("/groups/game/usable").asInt()).isOne();
			JsonNode service = backend.at("/groups/game/services/0");
			assertThat(service.at("/id").asString()).isEqualTo("go-1");
			assertThat(service.at("/port").asInt()).isEqualTo(server.port());
			assertThat(service.at("/tags/0").asString()).isEqualTo("eu");
			assertThat(service.at("/state").asString()).isEqualTo("READY");
			assertThat(Duration.parse(service.at("/timeInState").asString())).isPositive();
			assertThat(service.at("/reason").isNull()).isTrue();
			assertThat(service.at("/connection").asString()).contains(":" + server.port());
			assertThat(text).doesNotContain("secret");
			assertThat(drain(context, "game", "go-1")).as("read-only unless opened").isEqualTo(405);
			await().untilAsserted(() -> assertThat(JsonMapper.shared()
				.readTree(get(context, "/actuator/backends"))
				.at("/backends/tcpBackend/discovery/entries/leftOut/malformed")
				.asInt()).isOne());
		}
	}

	@Test
	void theApplicationRegistersItselfAfterItsWebServerHasStartedAndShowsIt() throws Exception {
		this.redis.start();
		RedisCommands<String, String> commands = this.redis.commands();
		try (ConfigurableApplicationContext context = run(WebApplicationType.REACTIVE,
				"backend.registration.enabled=true", "backend.registration.scheme=http",
				"backend.registration.address=127.0.0.1")) {
			String port = Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port"));
			String id = "gateway-127.0.0.1-" + port;
			await().untilAsserted(() -> assertThat(commands.zrange("test-games", 0, -1))
				.containsExactly("gateway&" + id + "&127.0.0.1&" + port + "&http"));
			await().untilAsserted(() -> {
				JsonNode registration = JsonMapper.shared()
					.readTree(get(context, "/actuator/backends"))
					.at("/registrations/0");
				assertThat(registration.at("/id").asString()).isEqualTo(id);
				assertThat(registration.at("/registered").asBoolean()).isTrue();
			});
		}
		assertThat(commands.zrange("test-games", 0, -1)).isEmpty();
	}

	@Test
	void whenTheContextIsStoppedAndStartedThenAllIsAsBefore() throws Exception {
		this.redis.start();
		EchoServer server = server("game-1");
		RedisCommands<String, String> commands = this.redis.commands();
		try (ConfigurableApplicationContext context = run(WebApplicationType.REACTIVE,
				"backend.registration.enabled=true", "backend.registration.scheme=http",
				"backend.registration.address=127.0.0.1")) {
			context.getBean(RedisServiceRegistry.class).register(server.config().withTags("eu"));
			Client client = context.getBean(Client.class);
			for (int i = 0; i < 3; i++) {
				await().until(() -> client.events.contains("ServiceReadyEvent game-1"));
				assertThat(client.ask("hello")).isEqualTo("game-1:hello");
				await().untilAsserted(() -> assertThat(commands.zrange("test-games", 0, -1)).hasSize(2));
				JsonNode backend = JsonMapper.shared()
					.readTree(get(context, "/actuator/backends"))
					.at("/backends/tcpBackend");
				assertThat(backend.at("/groups/game/usable").asInt()).isOne();
				client.events.clear();
				context.stop();
				assertThat(context.isRunning()).isFalse();
				await().until(() -> server.connections() == 0);
				await().untilAsserted(() -> assertThat(commands.zrange("test-games", 0, -1)).hasSize(1));
				assertThat(client.events).contains("ServiceRemovedEvent game-1");
				client.events.clear();
				context.start();
			}
		}
		assertThat(commands.zrange("test-games", 0, -1)).isEmpty();
	}

	@Test
	void whenRedisIsUnreachableAtStartThenHealthSaysWhyAndTheBackendConnectsWhenItComes() throws Exception {
		EchoServer server = server("game-1");
		try (ConfigurableApplicationContext context = run(WebApplicationType.REACTIVE)) {
			await().untilAsserted(() -> {
				JsonNode registry = JsonMapper.shared()
					.readTree(get(context, "/actuator/health"))
					.at("/components/backendRegistry");
				assertThat(registry.at("/status").asString()).isEqualTo("DOWN");
				assertThat(registry.at("/details/reason").asString()).contains("redis key 'test-games'", "refused");
			});
			this.redis.start();
			register("game&game-1&127.0.0.1&" + server.port() + "&tcp");
			Client client = context.getBean(Client.class);
			await().until(() -> client.events.contains("ServiceReadyEvent game-1"));
			assertThat(client.ask("late")).isEqualTo("game-1:late");
			assertThat(JsonMapper.shared()
				.readTree(get(context, "/actuator/health"))
				.at("/components/backendRegistry/status")
				.asString()).isEqualTo("UP");
		}
	}

	@Test
	void whenAwaitReadyIsSetThenServicesAreUsableBeforeTheWebServerStarts() {
		this.redis.start();
		register("game&game-1&127.0.0.1&" + server("game-1").port() + "&tcp");
		try (ConfigurableApplicationContext context = run(WebApplicationType.REACTIVE,
				"backend.tcp.await-ready=" + TIMEOUT.toSeconds() + "s")) {
			assertThat(context.getBean(BeforeWebServer.class).usable).isOne();
			assertThat(context.getBean(BeforeWebServer.class).webServerStarted).isFalse();
		}
	}

	@Test
	void whenAwaitReadyIsNotReachedThenTheApplicationStartsAllTheSame() {
		try (ConfigurableApplicationContext context = run(WebApplicationType.NONE, "backend.tcp.await-ready=10ms")) {
			assertThat(context.isRunning()).isTrue();
		}
	}

	private EchoServer server(String id) {
		EchoServer server = EchoServer.start(id);
		this.servers.add(server);
		return server;
	}

	/**
	 * What a Go service does: a first heartbeat, and further ones until the test ends.
	 */
	private void register(String member) {
		RedisCommands<String, String> commands = this.redis.commands();
		beat(commands, member);
		this.heartbeats.scheduleWithFixedDelay(() -> beat(commands, member), 1, 1, TimeUnit.SECONDS);
	}

	private static void beat(RedisCommands<String, String> commands, String member) {
		List<String> time = commands.time();
		double now = Long.parseLong(time.get(0)) * 1000d + Long.parseLong(time.get(1)) / 1000d;
		if (commands.zadd("test-games", now, member) > 0) {
			commands.publish("_{test-games}_channel_", "reg");
		}
	}

	private ConfigurableApplicationContext run(WebApplicationType type, String... properties) {
		List<String> arguments = new ArrayList<>(List.of("--spring.application.name=gateway", "--server.port=0",
				"--server.address=127.0.0.1", "--spring.data.redis.host=127.0.0.1",
				"--spring.data.redis.port=" + this.redis.port(), "--backend.discovery.redis.key=test-games",
				"--management.endpoints.web.exposure.include=health,backends",
				"--management.endpoint.health.show-details=always"));
		for (String property : properties) {
			arguments.add("--" + property);
		}
		return new SpringApplicationBuilder(Application.class).web(type).run(arguments.toArray(new String[0]));
	}

	private static int drain(ConfigurableApplicationContext context, String service, String id) throws Exception {
		URI uri = URI.create("http://127.0.0.1:%s/actuator/backends/tcpBackend/drain"
			.formatted(context.getEnvironment().getProperty("local.server.port")));
		String body = "{\"service\": \"%s\", \"id\": \"%s\"}".formatted(service, id);
		HttpRequest request = HttpRequest.newBuilder(uri)
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(body))
			.build();
		return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
	}

	private static String get(ConfigurableApplicationContext context, String path)
			throws IOException, InterruptedException {
		URI uri = URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + path);
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
			.body();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		MessageCodec<Line> codec() {
			return new LineCodec();
		}

		@Bean
		Client client(TcpBackend<Line> backend) {
			return new Client(backend);
		}

		@Bean
		BeforeWebServer beforeWebServer(TcpBackend<Line> backend, ConfigurableApplicationContext context) {
			return new BeforeWebServer(backend, context);
		}

	}

	static class Client implements TcpHandler<Line> {

		private final TcpBackend<Line> backend;

		private final List<String> events = new CopyOnWriteArrayList<>();

		private final List<String> connected = new CopyOnWriteArrayList<>();

		Client(TcpBackend<Line> backend) {
			this.backend = backend;
		}

		@Override
		public void onConnected(TcpConnection<Line> connection) {
			this.connected.add(connection.service().id());
		}

		@EventListener
		void on(BackendServiceEvent event) {
			this.events.add(event.getClass().getSimpleName() + " " + event.getConfig().id());
		}

		private String ask(String text) {
			return this.backend.request("game", Route.hash("user-1"), new Line(7, text), TIMEOUT).join().text();
		}

	}

	/** Looks between the phases of the backend and of the web server. */
	static class BeforeWebServer implements SmartLifecycle {

		private final TcpBackend<Line> backend;

		private final ConfigurableApplicationContext context;

		private int usable;

		private boolean webServerStarted;

		BeforeWebServer(TcpBackend<Line> backend, ConfigurableApplicationContext context) {
			this.backend = backend;
			this.context = context;
		}

		@Override
		public void start() {
			this.usable = (int) this.backend.services()
				.stream()
				.filter((service) -> service.availability() == Availability.READY)
				.count();
			this.webServerStarted = this.context.getEnvironment().containsProperty("local.server.port");
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return false;
		}

		@Override
		public int getPhase() {
			return SmartLifecycle.DEFAULT_PHASE - 2049;
		}

	}

}
