package dev.backend.autoconfigure.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.backend.autoconfigure.discovery.ConsulDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.NginxServer;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpState;
import dev.backend.routing.ConsistentHash;
import dev.backend.routing.HashRing;
import dev.backend.routing.RingMember;
import dev.backend.test.SlowTest;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.consul.ConsulAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * HTTP servers that nobody here wrote, behind a real registry: three nginx and the web
 * server of a Spring Boot application. Each answers with its id. Who owns a key is
 * computed here from the ids alone.
 */
@Timeout(180)
@SlowTest
abstract class AbstractNginxTests {

	static final String BOOT = "pay-boot";

	private static final List<String> IDS = List.of("pay-1", "pay-2", "pay-3", BOOT);

	private static final List<String> KEYS = IntStream.range(0, 1000).mapToObj((i) -> "user-" + i).toList();

	private final Map<String, NginxServer> servers = new TreeMap<>();

	private @Nullable ConfigurableApplicationContext application;

	/** Registers an instance of the service pay. */
	abstract void register(String id, int port);

	/** The properties of an application that uses the registry. */
	abstract List<String> properties();

	/** Further properties of the Spring Boot application that is one of the servers. */
	abstract List<String> serverProperties();

	/** How many requests to make where nothing happens meanwhile. */
	abstract int requests();

	/** Called when the servers are gone. */
	abstract void closeRegistry();

	@BeforeEach
	void startServers() {
		Stream.of("pay-1", "pay-2", "pay-3").forEach((id) -> {
			NginxServer server = NginxServer.started(id);
			this.servers.put(id, server);
			register(id, server.port());
		});
		ConfigurableApplicationContext started = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.REACTIVE)
			.run(Stream
				.of(List.of("server.port=0", "server.address=127.0.0.1", "spring.application.name=pay"), properties(),
						serverProperties())
				.flatMap(List::stream)
				.map((property) -> "--" + property)
				.toArray(String[]::new));
		this.application = started;
		started(started.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
	}

	/** Called once the Spring Boot application listens. */
	void started(int port) {
	}

	@AfterEach
	void stopServers() {
		if (this.application != null) {
			this.application.close();
		}
		this.servers.values().forEach(NginxServer::close);
		closeRegistry();
	}

	@Test
	void everyRequestIsAnsweredByTheOwnerOfItsKey() {
		run(List.of(), (context, backend) -> {
			Load.Outcome outcome = new Load(context, KEYS).run(requests());
			assertThat(outcome.wrong(owners(IDS))).isEmpty();
			assertThat(outcome.byKey()).hasSameSizeAs(KEYS);
			assertThat(outcome.perConnection().get()).as("most requests over one connection").isGreaterThan(50);
		});
	}

	@Test
	void whenServerDiesUnderLoadThenOnlyItsKeysMoveAndWhenItIsBackTheyReturn() {
		run(List.of(), (context, backend) -> {
			Load load = new Load(context, KEYS);
			Map<String, String> before = owners(IDS);
			assertThat(load.run(2000).wrong(before)).isEmpty();
			List<String> others = List.of("pay-1", "pay-3", BOOT);
			Map<String, String> after = owners(others);
			Load.Outcome killed = load.run(10_000, 2000, server("pay-2")::kill);
			killed.byKey().forEach((key, answers) -> {
				String owner = Objects.requireNonNull(before.get(key));
				if (!owner.equals("pay-2")) {
					assertThat(answers).as(key).containsOnly(owner);
				}
				else {
					assertThat(answers).as(key)
						.isSubsetOf("pay-2", Objects.requireNonNull(after.get(key)), Load.FAILED);
				}
			});
			assertThat(killed.failures()).as("requests under way when the server died")
				.isLessThanOrEqualTo(Load.CONCURRENCY);
			assertThat(load.run(2000).wrong(after)).isEmpty();
			awaitUsable(backend, others);
			assertThat(backend.getService("pay", "pay-2").state()).isEqualTo(HttpState.DOWN);
			server("pay-2").start();
			awaitUsable(backend, IDS);
			assertThat(load.run(2000).wrong(before)).isEmpty();
		});
	}

	@Test
	void whenProbeAsksForAStatusThenAServerThatAnswersWithAnotherIsDown() {
		run(List.of("backend.http.probe.path=" + NginxServer.HEALTH_PATH), (context, backend) -> {
			NginxServer server = server("pay-3");
			server.unhealthy();
			List<String> others = List.of("pay-1", "pay-2", BOOT);
			awaitUsable(backend, others);
			assertThat(backend.getService("pay", "pay-3").lastFailure())
				.hasMessage("GET /health: status 503 (expected: 200 to 299)");
			Load load = new Load(context, KEYS);
			assertThat(load.run(1000).wrong(owners(others))).isEmpty();
			server.healthy();
			awaitUsable(backend, IDS);
			assertThat(load.run(1000).wrong(owners(IDS))).isEmpty();
		});
	}

	/** Runs an application whose clients are led to the servers, with all of them up. */
	private void run(List<String> properties, Scenario scenario) {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ConsulAutoConfiguration.class, DataRedisAutoConfiguration.class,
					DiscoveryAutoConfiguration.class, RedisDiscoveryAutoConfiguration.class,
					ConsulDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class,
					HttpBackendAutoConfiguration.class, RoutedClientAutoConfiguration.class))
			.withPropertyValues("backend.http.enabled=true", "backend.http.probe.interval=100ms")
			.withPropertyValues(properties().toArray(String[]::new))
			.withPropertyValues(properties.toArray(String[]::new))
			.run((context) -> {
				HttpBackend backend = context.getBean(HttpBackend.class);
				awaitUsable(backend, IDS);
				scenario.run(context, backend);
			});
	}

	/** Returns the owner of each key among some servers, from nothing but their ids. */
	private static Map<String, String> owners(List<String> ids) {
		HashRing<String> ring = ConsistentHash.balanced()
			.ring(ids.stream().map((id) -> new RingMember<>(id, 1, id)).toList());
		Map<String, String> owners = new HashMap<>();
		KEYS.forEach((key) -> owners.put(key, ring.owners(key, 1).get(0)));
		assertThat(owners.values()).containsAll(ids);
		return owners;
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
	}

	private static void awaitUsable(HttpBackend backend, List<String> ids) {
		await().until(() -> backend.findGroup("pay") != null
				&& backend.group("pay").routing().members().size() == ids.size());
	}

	private NginxServer server(String id) {
		return Objects.requireNonNull(this.servers.get(id));
	}

	private interface Scenario {

		void run(ApplicationContext context, HttpBackend backend) throws Exception;

	}

	@EnableAutoConfiguration
	@RestController
	static class Application {

		@GetMapping("/**")
		String id() {
			return BOOT;
		}

	}

}
