package dev.backend.discovery.redis;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.SlowTest;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisException;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.resource.ClientResources;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Other servers and other factories than one standalone server with the application's own
 * factory.
 */
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class RedisTopologyTests {

	private static final ServiceConfig GAME_1 = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001);

	/** Three times what the project promises for the view, after Redis is right. */
	private static final Duration RECOVERED = Duration.ofSeconds(9);

	/** The rights as the reference lists them. */
	private static final String CONNECT = "+hello +client";

	private static final String WATCH = "+eval +evalsha +time +zcount +zrevrangebyscore +exists +subscribe";

	private static final String CHECK = "+zrangebyscore +get +set +zremrangebyscore +publish";

	private static final String CLUSTER = "+cluster|nodes +cluster|myid +info";

	private static final String SENTINEL = "+sentinel|get-master-addr-by-name";

	private static final String REGISTER = "+zscore +zadd +zrem +zrangebyscore +set +publish";

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	@TempDir
	private Path folder;

	@ParameterizedTest
	@CsvSource({ "GOBASE_V1,games", "GOBASE_V2,{games}" })
	void inAClusterAllKeysOfAScriptShareASlot(RegistryLayout layout, String key) {
		try (RedisServerFixture server = RedisServerFixture.started(clusterOptions())) {
			RedisCommands<String, String> redis = server.client();
			redis.clusterAddSlots(IntStream.range(0, 16384).toArray());
			await().until(() -> redis.clusterInfo().contains("cluster_state:ok"));
			LettuceConnectionFactory factory = server.started(
					new LettuceConnectionFactory(new RedisClusterConfiguration(List.of("127.0.0.1:" + server.port()))));
			RedisRegistrySettings settings = RedisRegistrySettings.defaults(key).withLayout(layout);
			RedisServiceDiscovery discovery = watch(server, factory, settings);
			Registration registration = server.closeLater(new RedisServiceRegistry(factory, settings)).register(GAME_1);
			await().until(this.recorder::ids, List.of("game-1")::equals);
			await().until(() -> redis.exists(layout.keys(key).locker()) == 1);
			assertThat(discovery.status().reason()).isNull();
			registration.close();
			await().until(this.recorder::ids, List.of()::equals);
		}
	}

	@Test
	void inAClusterTheLaterLayoutAsksForAHashTag() {
		try (RedisServerFixture server = RedisServerFixture.started(clusterOptions())) {
			RedisCommands<String, String> redis = server.client();
			redis.clusterAddSlots(IntStream.range(0, 16384).toArray());
			await().until(() -> redis.clusterInfo().contains("cluster_state:ok"));
			LettuceConnectionFactory factory = server.started(
					new LettuceConnectionFactory(new RedisClusterConfiguration(List.of("127.0.0.1:" + server.port()))));
			Registration registration = server
				.closeLater(new RedisServiceRegistry(factory,
						RedisRegistrySettings.defaults("games").withLayout(RegistryLayout.GOBASE_V2)))
				.register(GAME_1);
			await().until(() -> registration.lastError() != null);
			assertThat(registration.lastError()).contains("different slots").contains("'{games}'");
		}
	}

	@Test
	void whenASlotsOwnerInAClusterDiesThenItsReplicaIsFoundAndNothingIsDropped() {
		List<RedisServerFixture> nodes = Stream.generate(() -> RedisServerFixture.started(clusterOptions()))
			.limit(4)
			.toList();
		RedisServerFixture own = nodes.get(0);
		try {
			List<RedisCommands<String, String>> clients = nodes.stream().map(RedisServerFixture::client).toList();
			// The first node owns the key's slot; the fourth will be its replica.
			int slot = SlotHash.getSlot("games");
			clients.get(0).clusterAddSlots(IntStream.range(slot - 100, slot + 100).toArray());
			clients.get(1).clusterAddSlots(IntStream.range(0, slot - 100).toArray());
			clients.get(2).clusterAddSlots(IntStream.range(slot + 100, 16384).toArray());
			nodes.subList(1, 4).forEach((node) -> clients.get(0).clusterMeet("127.0.0.1", node.port()));
			String ownerId = clients.get(0).clusterMyId();
			await().until(() -> clients.get(3).clusterNodes().contains(ownerId));
			clients.get(3).clusterReplicate(ownerId);
			await()
				.until(() -> clients.stream().allMatch((client) -> client.clusterInfo().contains("cluster_state:ok")));
			await().until(() -> clients.get(3).info("replication").contains("master_link_status:up"));
			LettuceConnectionFactory factory = own.started(new LettuceConnectionFactory(
					new RedisClusterConfiguration(List.of("127.0.0.1:" + nodes.get(1).port()))));
			RedisServiceDiscovery discovery = watch(own, factory, RedisRegistrySettings.defaults("games"));
			Registration registration = own
				.closeLater(new RedisServiceRegistry(factory, RedisRegistrySettings.defaults("games")))
				.register(GAME_1);
			await().until(this.recorder::ids, List.of("game-1")::equals);
			int before = this.recorder.count();
			own.kill();
			await().atMost(Duration.ofSeconds(30))
				.until(() -> clients.get(3).info("replication").contains("role:master"));
			await().atMost(RECOVERED)
				.until(() -> discovery.status().state() == State.UP && registration.registered()
						&& clients.get(3).zscore("games", "game&game-1&127.0.0.1&7001&tcp") != null
						&& this.recorder.count() > before);
			assertThat(this.recorder.ids()).containsExactly("game-1");
		}
		finally {
			nodes.forEach(RedisServerFixture::close);
		}
	}

	@Test
	void whenSentinelPromotesTheReplicaThenItIsFoundAndNothingIsDropped() {
		try (RedisServerFixture master = RedisServerFixture.started();
				RedisServerFixture replica = RedisServerFixture.started("--replicaof", "127.0.0.1",
						Integer.toString(master.port()));
				RedisServerFixture sentinel = RedisServerFixture.sentinel(this.folder, "fleet", master.port())) {
			RedisCommands<String, String> promoted = replica.client();
			await().until(() -> promoted.info("replication").contains("master_link_status:up"));
			String sentinelNode = "127.0.0.1:" + sentinel.port();
			LettuceConnectionFactory factory = master
				.started(new LettuceConnectionFactory(new RedisSentinelConfiguration("fleet", Set.of(sentinelNode))));
			RedisServiceDiscovery discovery = watch(master, factory);
			Registration registration = master
				.closeLater(new RedisServiceRegistry(factory, RedisRegistrySettings.defaults("games")))
				.register(GAME_1);
			await().until(this.recorder::ids, List.of("game-1")::equals);
			await().until(() -> sentinel.client().info("sentinel").contains("slaves=1"));
			master.kill();
			// Sentinel ends all connections to the one that it promotes, ours too.
			await().atMost(Duration.ofSeconds(30))
				.ignoreException(RedisException.class)
				.until(() -> promoted.info("replication").contains("role:master"));
			await().atMost(RECOVERED).until(() -> discovery.status().state() == State.UP && registration.registered());
			assertThat(this.recorder.ids()).containsExactly("game-1");
			double then = new OutsideFleet(promoted, "games").now();
			await().until(() -> promoted.zscore("games", "game&game-1&127.0.0.1&7001&tcp") > then);
		}
	}

	@Test
	void overTlsBothSidesWork() throws Exception {
		ServerCertificate certificate = ServerCertificate.create(this.folder);
		try (RedisServerFixture server = RedisServerFixture.tls("--tls-cert-file", certificate.certificate().toString(),
				"--tls-key-file", certificate.key().toString(), "--tls-ca-cert-file",
				certificate.certificate().toString(), "--tls-auth-clients", "no", "--requirepass", "pa55-word")) {
			RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration("127.0.0.1", server.port());
			configuration.setPassword("pa55-word");
			ClientOptions options = ClientOptions.builder()
				.sslOptions(SslOptions.builder().trustManager(certificate.certificate().toFile()).build())
				.build();
			LettuceConnectionFactory factory = server.started(new LettuceConnectionFactory(configuration,
					LettuceClientConfiguration.builder().clientOptions(options).useSsl().build()));
			assertThat(LettuceFactoryCopy.canCopy(factory)).isTrue();
			RedisServiceDiscovery discovery = watch(server, factory);
			await().until(() -> this.recorder.count() >= 2);
			server.closeLater(new RedisServiceRegistry(factory, RedisRegistrySettings.defaults("games")))
				.register(GAME_1);
			await().until(this.recorder::ids, List.of("game-1")::equals);
			assertThat(discovery.status().reason()).isNull();
		}
	}

	@ParameterizedTest
	@CsvSource({ "GOBASE_V1,~games ~games_check ~_{games}_list_ ~_{games}_locker_,&_{games}_channel_",
			"GOBASE_V2,~games ~games_list ~games_check ~_{games}_locker_,&games" })
	void aUserWithTheDocumentedRightsCanWatchCheckAndRegister(RegistryLayout layout, String keys, String channel) {
		try (RedisServerFixture server = RedisServerFixture.started()) {
			RedisCommands<String, String> redis = server.client();
			String rights = CONNECT + " " + WATCH + " " + CHECK + " " + REGISTER;
			allow(redis, rights + " " + keys + " " + channel);
			redis.configResetstat();
			watchCheckAndRegister(server, server.connectionFactory("app", "pa55-word"), layout, "games");
			assertNothingDenied(redis);
			assertThat(used(redis)).as("none too many").contains(rights.replace("+", "").split(" "));
		}
	}

	@Test
	void inAClusterAUserWithTheDocumentedRightsCanWatchCheckAndRegister() {
		try (RedisServerFixture server = RedisServerFixture.started(clusterOptions())) {
			RedisCommands<String, String> redis = server.client();
			redis.clusterAddSlots(IntStream.range(0, 16384).toArray());
			await().until(() -> redis.clusterInfo().contains("cluster_state:ok"));
			allow(redis, String.join(" ", CONNECT, CLUSTER, WATCH, CHECK, REGISTER,
					"~games ~games_check ~_{games}_list_ ~_{games}_locker_ &_{games}_channel_"));
			RedisClusterConfiguration configuration = new RedisClusterConfiguration(
					List.of("127.0.0.1:" + server.port()));
			configuration.setUsername("app");
			configuration.setPassword("pa55-word");
			watchCheckAndRegister(server, server.started(new LettuceConnectionFactory(configuration)),
					RegistryLayout.GOBASE_V1, "games");
			assertNothingDenied(redis);
		}
	}

	@Test
	void withSentinelAUserWithTheDocumentedRightsFindsTheMaster() {
		try (RedisServerFixture master = RedisServerFixture.started();
				RedisServerFixture sentinel = RedisServerFixture.sentinel(this.folder, "fleet", master.port())) {
			RedisServerFixture.acl(sentinel.client(),
					("finder on >f1nd-word -@all " + CONNECT + " " + SENTINEL).split(" "));
			RedisSentinelConfiguration configuration = new RedisSentinelConfiguration("fleet",
					Set.of("127.0.0.1:" + sentinel.port()));
			configuration.setSentinelUsername("finder");
			configuration.setSentinelPassword("f1nd-word");
			watchCheckAndRegister(master, master.started(new LettuceConnectionFactory(configuration)),
					RegistryLayout.GOBASE_V1, "games");
			assertNothingDenied(sentinel.client());
		}
	}

	private void watchCheckAndRegister(RedisServerFixture server, LettuceConnectionFactory factory,
			RegistryLayout layout, String key) {
		RedisCommands<String, String> redis = server.client();
		RedisRegistrySettings settings = RedisRegistrySettings.defaults(key)
			.withLayout(layout)
			.withChecker(new RedisCheckerSettings(true, Duration.ofMillis(50), Duration.ofSeconds(8)))
			.withTimings(RedisRegistryTimings.defaults().withHeartbeatInterval(Duration.ofMillis(50)));
		RedisServiceDiscovery discovery = watch(server, factory, settings);
		Registration registration = server.closeLater(new RedisServiceRegistry(factory, settings)).register(GAME_1);
		await().until(this.recorder::ids, List.of("game-1")::equals);
		redis.del(layout.keys(key).list());
		await().until(() -> redis.exists(layout.keys(key).list()) == 1);
		registration.update(GAME_1.withTags("eu"));
		await().until(() -> this.recorder.latest().stream().anyMatch((instance) -> !instance.tags().isEmpty()));
		assertThat(registration.lastError()).isNull();
		assertThat(discovery.status().reason()).isNull();
		registration.close();
		await().until(this.recorder::ids, List.of()::equals);
	}

	private static void allow(RedisCommands<String, String> redis, String rules) {
		RedisServerFixture.acl(redis, ("app on >pa55-word -@all resetkeys resetchannels " + rules).split(" "));
	}

	private static void assertNothingDenied(RedisCommands<String, String> redis) {
		assertThat(redis.aclLog()).as("denied").isEmpty();
	}

	/** The commands that have run, by whomever. */
	private static List<String> used(RedisCommands<String, String> redis) {
		return redis.info("commandstats")
			.lines()
			.filter((line) -> line.startsWith("cmdstat_") && !line.contains(":calls=0,"))
			.map((line) -> line.substring("cmdstat_".length(), line.indexOf(':')))
			.toList();
	}

	@Test
	void whenTheRegistryIsClosedThenTheApplicationsResourcesLiveOn() {
		ClientResources shared = ClientResources.create();
		try (RedisServerFixture server = RedisServerFixture.started()) {
			LettuceConnectionFactory factory = server
				.started(new LettuceConnectionFactory(new RedisStandaloneConfiguration("127.0.0.1", server.port()),
						LettuceClientConfiguration.builder().clientResources(shared).build()));
			RedisServiceDiscovery discovery = watch(server, factory);
			await().until(() -> this.recorder.count() >= 2);
			discovery.close();
			assertThat(shared.eventExecutorGroup().isShuttingDown()).isFalse();
			try (RedisConnection connection = factory.getConnection()) {
				assertThat(connection.ping()).isEqualTo("PONG");
			}
		}
		finally {
			shared.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
		}
	}

	@Test
	void whenTheFactoryIsNotOneThatCanBeCopiedThenItIsUsedAsItIs() {
		try (RedisServerFixture server = RedisServerFixture.started()) {
			LettuceConnectionFactory factory = new LettuceConnectionFactory(
					new RedisStandaloneConfiguration("127.0.0.1", server.port())) {
			};
			factory.afterPropertiesSet();
			factory.start();
			RedisServiceDiscovery discovery = watch(server, factory);
			await().atMost(Duration.ofSeconds(30)).until(() -> this.recorder.count() >= 2);
			server.kill();
			await().atMost(Duration.ofSeconds(15)).until(() -> discovery.status().state() == State.DOWN);
			assertThat(discovery.status().reason()).contains("no answer for");
			discovery.close();
			factory.destroy();
			server.start();
		}
	}

	@Test
	void whenTheServerWasHandedOverUnderItsGeneralTypeThenTheCopyFindsItToo() {
		try (RedisServerFixture server = RedisServerFixture.started()) {
			RedisStandaloneConfiguration standalone = new RedisStandaloneConfiguration("127.0.0.1", server.port());
			standalone.setDatabase(3);
			RedisConfiguration general = standalone;
			LettuceConnectionFactory factory = server.started(new LettuceConnectionFactory(general));
			assertThat(LettuceFactoryCopy.canCopy(factory)).isTrue();
			server.closeLater(new RedisServiceRegistry(factory, RedisRegistrySettings.defaults("games")))
				.register(GAME_1);
			watch(server, factory);
			await().until(this.recorder::ids, List.of("game-1")::equals);
			assertThat(server.client().exists("games")).isZero();
			standalone.setPassword("pa55-word");
			assertThat(LettuceFactoryCopy.canCopy(new LettuceConnectionFactory(general))).isFalse();
		}
	}

	@Test
	void factoriesThatCannotBeReadAreToldFromThoseThatCan() {
		LettuceClientConfiguration reading = LettuceClientConfiguration.builder().readFrom(ReadFrom.REPLICA).build();
		assertThat(LettuceFactoryCopy.canCopy(new LettuceConnectionFactory())).isTrue();
		try (RedisServerFixture server = RedisServerFixture.stopped()) {
			assertThat(LettuceFactoryCopy.canCopy(server.connectionFactory())).isTrue();
			assertThat(LettuceFactoryCopy.canCopy(server.started(new LettuceConnectionFactory()))).isTrue();
			RedisStaticMasterReplicaConfiguration replicas = new RedisStaticMasterReplicaConfiguration("db");
			assertThat(LettuceFactoryCopy.canCopy(server.started(new LettuceConnectionFactory(replicas)))).isFalse();
			replicas.setDatabase(3);
			assertThat(LettuceFactoryCopy.canCopy(server.started(new LettuceConnectionFactory(replicas)))).isFalse();
			assertThat(LettuceFactoryCopy.canCopy(server.started(new LettuceConnectionFactory(replicas, reading))))
				.isFalse();
		}
	}

	private static String[] clusterOptions() {
		return new String[] { "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-config-file",
				"nodes-" + UUID.randomUUID() + ".conf" };
	}

	private RedisServiceDiscovery watch(RedisServerFixture server, RedisConnectionFactory factory) {
		return watch(server, factory, RedisRegistrySettings.defaults("games"));
	}

	private RedisServiceDiscovery watch(RedisServerFixture server, RedisConnectionFactory factory,
			RedisRegistrySettings settings) {
		RedisServiceDiscovery discovery = new RedisServiceDiscovery(factory, settings);
		server.closeLater(discovery);
		discovery.subscribe(this.recorder);
		return discovery;
	}

}
