package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveryStatus.State;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
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
class RedisTopologyTests {

	private static final ServiceConfig GAME_1 = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001);

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	@Test
	void inAClusterAllKeysOfAScriptShareASlot() {
		try (RedisServerFixture server = RedisServerFixture.started("--cluster-enabled", "yes", "--cluster-config-file",
				"nodes-" + UUID.randomUUID() + ".conf")) {
			RedisCommands<String, String> redis = server.client();
			redis.clusterAddSlots(IntStream.range(0, 16384).toArray());
			await().until(() -> redis.clusterInfo().contains("cluster_state:ok"));
			LettuceConnectionFactory factory = server.started(
					new LettuceConnectionFactory(new RedisClusterConfiguration(List.of("127.0.0.1:" + server.port()))));
			RedisServiceDiscovery discovery = watch(server, factory);
			Registration registration = server
				.closeLater(new RedisServiceRegistry(factory, RedisRegistrySettings.of("games")))
				.register(GAME_1);
			await().until(this.recorder::ids, List.of("game-1")::equals);
			await().until(() -> redis.exists("_{games}_locker_") == 1);
			assertThat(discovery.status().reason()).isNull();
			registration.close();
			await().until(this.recorder::ids, List.of()::equals);
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
			await().until(() -> this.recorder.count() >= 2);
			server.kill();
			await().atMost(Duration.ofSeconds(6)).until(() -> discovery.status().state() == State.DOWN);
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
			server.closeLater(new RedisServiceRegistry(factory, RedisRegistrySettings.of("games"))).register(GAME_1);
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
		assertThat(LettuceFactoryCopy
			.canCopy(new LettuceConnectionFactory(new RedisStaticMasterReplicaConfiguration("db"), reading))).isFalse();
	}

	private RedisServiceDiscovery watch(RedisServerFixture server, RedisConnectionFactory factory) {
		RedisServiceDiscovery discovery = new RedisServiceDiscovery(factory, RedisRegistrySettings.of("games"));
		server.closeLater(discovery);
		discovery.subscribe(this.recorder);
		return discovery;
	}

}
