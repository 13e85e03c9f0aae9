package dev.backend.autoconfigure.discovery;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpService;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Several sources of one application, and what is believed of them.
 */
@Timeout(120)
@SlowTest
class DiscoverySourcesTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final EchoServer first = EchoServer.start("game-1");

	private final EchoServer second = EchoServer.start("game-2");

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class, DiscoveryAutoConfiguration.class,
				RedisDiscoveryAutoConfiguration.class, StaticDiscoveryAutoConfiguration.class,
				MergedDiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class))
		.withBean(LineCodec.class);

	private final ApplicationContextRunner staticRunner = this.contextRunner.withPropertyValues(
			"backend.discovery.sources=static",
			"backend.discovery.static.services.game[0].uri=tcp://127.0.0.1:" + this.first.port());

	@AfterEach
	void closeServers() {
		this.first.close();
		this.second.close();
	}

	@Test
	void instancesInThePropertiesAreServices() {
		this.staticRunner
			.withPropertyValues("backend.discovery.static.services.game[0].id=game-1",
					"backend.discovery.static.services.game[0].tags=eu, vip",
					"backend.discovery.static.services.game[0].metadata.weight=2",
					"backend.discovery.static.services.chat[0].uri=tcp://127.0.0.1:" + this.second.port())
			.run((context) -> {
				TcpBackend<Line> backend = backend(context);
				assertThat(backend.awaitReady(LONG)).isTrue();
				TcpService<Line> game = backend.getService("game", "game-1");
				assertThat(game.config().tags()).isEqualTo(Set.of("eu", "vip"));
				assertThat(game.config().metadata()).containsEntry("weight", "2");
				assertThat(game.request(new Line(1, "hello"), LONG).get().text()).isEqualTo("game-1:hello");
				assertThat(backend.findService("chat", "127.0.0.1:" + this.second.port())).isNotNull();
			});
	}

	@ParameterizedTest
	@CsvSource({ "tcp://127.0.0.1", "tcp://:7001", "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536",
			"tcp://127.0.0.1:7001/path", "//127.0.0.1:7001" })
	void aMalformedInstanceStopsTheStart(String uri) {
		this.contextRunner
			.withPropertyValues("backend.discovery.sources=static",
					"backend.discovery.static.services.game[0].uri=" + uri)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"backend.discovery.static.services.game[0].uri", "protocol, address and port, such as"));
	}

	@Test
	void aPasswordInAnInstanceIsNotShown() {
		this.contextRunner
			.withPropertyValues("backend.discovery.sources=static",
					"backend.discovery.static.services.game[0].uri=tcp://user:secret@127.0.0.1:7001")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("(with user information)")
				.hasMessageNotContaining("secret"));
	}

	@Test
	void whenTheSourcesAreSeveralThenTheirInstancesAreMergedAndTheFirstWins() {
		try (RedisServer redis = RedisServer.started()) {
			this.staticRunner
				.withPropertyValues("backend.discovery.sources=static,redis",
						"backend.discovery.static.services.game[0].id=game-1", "backend.discovery.redis.key=games",
						"spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + redis.port())
				.run((context) -> {
					RedisServiceRegistry registry = context.getBean(RedisServiceRegistry.class);
					registry.register(this.second.config());
					registry.register(ServiceConfig.tcp("game", "game-1", "127.0.0.1", 9));
					TcpBackend<Line> backend = backend(context);
					await().until(() -> backend.findService("game", "game-2") != null);
					assertThat(backend.awaitReady(LONG)).isTrue();
					assertThat(backend.getService("game", "game-1").config().port()).isEqualTo(this.first.port());
					assertThat(context.getBean(ServiceDiscovery.class).status().source())
						.isEqualTo("backend.discovery.static.services, redis key 'games'");
				});
		}
	}

	@Test
	void whenOneOfTheSourcesIsDownThenTheOthersServe() {
		this.staticRunner
			.withPropertyValues("backend.discovery.sources=redis,static", "backend.discovery.redis.key=games",
					"spring.data.redis.host=127.0.0.1", "spring.data.redis.port=1")
			.run((context) -> assertThat(backend(context).awaitReady(LONG)).isTrue());
	}

	@Test
	void whenASourceIsNamedThatIsNotThereThenTheStartFailsWithWhatItNeeds() {
		this.staticRunner.withPropertyValues("backend.discovery.sources=static,redis")
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContaining("backend.discovery.redis.key is not set"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "static,static | each source once", "custom,redis | custom alone", "'' | at least one" })
	void aListThatMakesNoSenseStopsTheStart(String sources, String expectation) {
		this.staticRunner.withPropertyValues("backend.discovery.sources=" + sources)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining(expectation));
	}

	@Test
	void whenTheApplicationHasADiscoveryThenItReplacesAllSources() {
		this.staticRunner.withBean(InMemoryDiscovery.class)
			.run((context) -> assertThat(context).hasSingleBean(ServiceDiscovery.class)
				.hasSingleBean(InMemoryDiscovery.class));
	}

	@Test
	void whatIsNotInTheAllowListIsNoService() {
		this.staticRunner
			.withPropertyValues("backend.discovery.static.services.game[1].uri=tcp://127.0.0.1:" + this.second.port(),
					"backend.discovery.allowed-addresses=10.0.0.0/8,127.0.0.1",
					"backend.discovery.allowed-ports=" + this.first.port())
			.run((context) -> {
				TcpBackend<Line> backend = backend(context);
				assertThat(backend.awaitReady(LONG)).isTrue();
				assertThat(backend.services()).singleElement()
					.extracting((service) -> service.config().port())
					.isEqualTo(this.first.port());
				assertThat(backend.discoveryStatus().rejected()).isEqualTo(1);
			});
	}

	@ParameterizedTest
	@CsvSource({ "allowed-addresses,10.0.0.0/99", "allowed-addresses,example.org", "allowed-ports,http",
			"loss-confirmation,-1s", "snapshot.maximum-age,0s" })
	void aMalformedValueStopsTheStartWithItsProperty(String property, String value) {
		this.contextRunner
			.withPropertyValues("backend.discovery.redis.key=games", "backend.discovery.snapshot.directory=target/none",
					"backend.discovery." + property + "=" + value)
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("backend.discovery." + property, "xpected"));
	}

	@Test
	void whenTheRegistryIsDownAtStartThenTheServicesOfTheLastRunAreThere(@TempDir Path folder) {
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues(
				"backend.discovery.snapshot.directory=" + folder, "backend.discovery.redis.key=games",
				"spring.data.redis.host=127.0.0.1");
		try (RedisServer redis = RedisServer.started()) {
			runner.withPropertyValues("spring.data.redis.port=" + redis.port()).run((context) -> {
				context.getBean(RedisServiceRegistry.class).register(this.first.config());
				await().until(() -> backend(context).findService("game", "game-1") != null);
				await().until(() -> Files.exists(folder.resolve("redis.json"))
						&& Files.readString(folder.resolve("redis.json")).contains("game-1"));
			});
		}
		runner.withPropertyValues("spring.data.redis.port=1").run((context) -> {
			TcpBackend<Line> backend = backend(context);
			await().until(() -> backend.findService("game", "game-1") != null);
			assertThat(backend.awaitReady(LONG)).isTrue();
			assertThat(backend.discoveryStatus().reason()).contains("1 instances are from the snapshot file");
		});
	}

	/** The properties are in the reference. */
	@Test
	void thePropertiesOfTheReferenceMakeADiscovery(@TempDir Path folder) {
		this.contextRunner.withInitializer(new ConfigDataApplicationContextInitializer())
			.withPropertyValues("spring.profiles.active=sources",
					"spring.config.location=classpath:dev/backend/autoconfigure/discovery/",
					"backend.discovery.snapshot.directory=" + folder, "spring.data.redis.port=1",
					"backend.tcp.enabled=false")
			.run((context) -> {
				BlockingQueue<DiscoverySnapshot> snapshots = new LinkedBlockingQueue<>();
				ServiceDiscovery discovery = context.getBean(ServiceDiscovery.class);
				discovery.subscribe(snapshots::add);
				DiscoverySnapshot snapshot = snapshots.poll(20, TimeUnit.SECONDS);
				assertThat(snapshot).isNotNull();
				assertThat(snapshot.instances()).containsExactly(new DiscoveredInstance("game", "game-1", "tcp",
						"10.0.0.5", 7001, List.of("eu", "vip"), Map.of("weight", "2", "routerTag", "eu vip")));
				assertThat(discovery.status().source())
					.isEqualTo("redis key 'games', backend.discovery.static.services");
			});
	}

	@Test
	void whenALossNeedsNoConfirmationThenItIsBelievedAtOnce() {
		InMemoryDiscovery discovery = new InMemoryDiscovery().confirmationDelay(Duration.ofHours(1));
		this.contextRunner.withBean(InMemoryDiscovery.class, () -> discovery)
			.withPropertyValues("backend.discovery.loss-confirmation=0s", "backend.tcp.removal=immediate")
			.run((context) -> {
				TcpBackend<Line> backend = backend(context);
				discovery.push(this.first.instance(), this.second.instance());
				await().until(() -> backend.services().size() == 2);
				discovery.push();
				await().until(() -> backend.services().isEmpty());
				assertThat(backend.holdsStarted()).isZero();
				assertThat(backend.holds()).isEqualTo(Map.of());
			});
	}

	@SuppressWarnings("unchecked")
	private static TcpBackend<Line> backend(ApplicationContext context) {
		return (TcpBackend<Line>) context
			.getBeanProvider(ResolvableType.forClassWithGenerics(TcpBackend.class, Line.class))
			.getObject();
	}

}
