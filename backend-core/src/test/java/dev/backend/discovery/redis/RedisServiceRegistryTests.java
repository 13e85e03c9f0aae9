package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.SlowTest;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * The registering side, looked at by an outside client.
 */
@SlowTest
class RedisServiceRegistryTests {

	private static final String CHANNEL = "_{games}_channel_";

	private static final String GAME_1 = "game&game-1&10.0.0.5&7001&tcp";

	private final ServiceConfig game1 = ServiceConfig.tcp("game", "game-1", "10.0.0.5", 7001);

	private RedisServerFixture server;

	private RedisCommands<String, String> redis;

	private OutsideFleet fleet;

	@BeforeEach
	void startServer() {
		this.server = RedisServerFixture.started();
		this.redis = this.server.client();
		this.fleet = new OutsideFleet(this.redis, "games");
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void whenRegisteredThenTheEntryTheListAndTheMessageAreThoseOfTheContract() {
		this.fleet.beat("game&game-0&10.0.0.4&7000&tcp");
		List<String> published = this.server.listen(CHANNEL);
		Registration registration = registry(RedisRegistrySettings.defaults("games")).register(this.game1);
		await().until(registration::registered);
		assertThat(this.fleet.live()).containsExactlyInAnyOrder(GAME_1, "game&game-0&10.0.0.4&7000&tcp");
		assertThat(this.redis.zscore("games", GAME_1)).isBetween(this.fleet.now() - 8000, this.fleet.now());
		assertThat(this.fleet.list()).isEqualTo("game&game-0&10.0.0.4&7000&tcp," + GAME_1);
		await().until(() -> !published.isEmpty());
		assertThat(published).containsExactly("reg " + GAME_1);
		assertThat(registration.lastError()).isNull();
	}

	@Test
	void whenTheHeartbeatIsDueThenTheScoreMovesAndNobodyIsTold() {
		List<String> published = this.server.listen(CHANNEL);
		Registration registration = registry(beating(Duration.ofMillis(50))).register(this.game1);
		await().until(registration::registered);
		double first = this.redis.zscore("games", GAME_1);
		await().until(() -> this.redis.zscore("games", GAME_1) > first);
		this.fleet.tell("end");
		await().until(() -> published.contains("end"));
		assertThat(published).containsExactly("reg " + GAME_1, "end");
	}

	@Test
	void whenClosedThenTheEntryIsGoneAndTheOthersAreTold() {
		List<String> published = this.server.listen(CHANNEL);
		RedisServiceRegistry registry = registry(RedisRegistrySettings.defaults("games"));
		Registration registration = registry.register(this.game1);
		await().until(registration::registered);
		registration.close();
		registration.close();
		assertThat(this.fleet.live()).isEmpty();
		assertThat(this.fleet.list()).isEmpty();
		assertThat(registration.registered()).isFalse();
		assertThat(registry.registrations()).isEmpty();
		await().until(() -> published.size() == 2);
		assertThat(published).containsExactly("reg " + GAME_1, "dereg " + GAME_1);
	}

	@Test
	void whenTheRegistryIsClosedThenAllItsServicesLeave() {
		RedisServiceRegistry registry = registry(RedisRegistrySettings.defaults("games"));
		Registration first = registry.register(this.game1);
		Registration second = registry.register(ServiceConfig.tcp("game", "game-2", "10.0.0.6", 7001));
		await().until(() -> first.registered() && second.registered());
		assertThat(registry.registrations()).containsExactlyInAnyOrder(first, second);
		registry.close();
		assertThat(this.fleet.live()).isEmpty();
		assertThatIllegalStateException().isThrownBy(() -> registry.register(this.game1))
			.withMessage("registry of redis key 'games' is closed");
	}

	@Test
	void whenUpdatedThenTheNewEntryComesBeforeTheOldOneGoes() {
		List<String> published = this.server.listen(CHANNEL);
		Registration registration = registry(RedisRegistrySettings.defaults("games")).register(this.game1);
		await().until(registration::registered);
		registration.update(this.game1.withTags("eu"));
		await().until(() -> published.size() == 3);
		String updated = GAME_1 + "&routerTag=eu";
		assertThat(published).containsExactly("reg " + GAME_1, "reg " + updated, "dereg " + GAME_1);
		assertThat(this.fleet.live()).containsExactly(updated);
		assertThat(registration.registered()).isTrue();
		assertThat(registration.service().tags()).containsExactly("eu");
		registration.close();
		assertThat(this.fleet.live()).isEmpty();
		assertThatIllegalStateException().isThrownBy(() -> registration.update(this.game1))
			.withMessageContaining("game/game-1");
	}

	@Test
	void whenUpdatedDuringHeartbeatsThenTheServiceIsNeverWithoutAnEntry() {
		List<String> published = this.server.listen(CHANNEL);
		Registration registration = registry(beating(Duration.ofMillis(50))).register(this.game1);
		for (int i = 0; i < 300; i++) {
			await().pollDelay(Duration.ZERO).pollInterval(Duration.ofNanos(50_000)).until(registration::registered);
			registration.update(this.game1.withTags("tag-" + i));
		}
		String last = GAME_1 + "&routerTag=tag-299";
		await().untilAsserted(() -> assertThat(this.fleet.live()).containsExactly(last));
		Set<String> present = new HashSet<>();
		for (String message : List.copyOf(published)) {
			String member = message.substring(message.indexOf(' ') + 1);
			if (message.startsWith("reg ")) {
				present.add(member);
			}
			else {
				present.remove(member);
			}
			assertThat(present).as(message).isNotEmpty();
		}
	}

	@Test
	void whenRedisLosesItsDataThenTheServiceIsRegisteredAgainAndTheOthersAreTold() {
		Registration registration = registry(beating(Duration.ofMillis(50))).register(this.game1);
		await().until(registration::registered);
		List<String> published = this.server.listen(CHANNEL);
		this.redis.flushall();
		await().until(this.fleet::live, List.of(GAME_1)::equals);
		assertThat(this.fleet.list()).isEqualTo(GAME_1);
		await().until(() -> published.contains("reg " + GAME_1));
	}

	@Test
	void whenScriptsAreFlushedThenHeartbeatsGoOn() {
		Registration registration = registry(beating(Duration.ofMillis(50))).register(this.game1);
		await().until(registration::registered);
		this.redis.scriptFlush();
		double before = this.fleet.now();
		await().until(() -> this.redis.zscore("games", GAME_1) > before);
		assertThat(registration.lastError()).isNull();
	}

	@Test
	void whenTheServiceCannotBeWrittenThenRegisteringSaysSo() {
		RedisServiceRegistry registry = registry(RedisRegistrySettings.defaults("games"));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> registry.register(ServiceConfig.tcp("game", "a&b", "10.0.0.5", 7001)))
			.withMessageStartingWith("id of game/a")
			.withMessageContaining("expected: no '&', ',' or control character");
		assertThat(registry.registrations()).isEmpty();
	}

	@Test
	void whenAnErrorIsThrownThenItIsToldAndHeartbeatsGoOn() {
		FailingConnectionFactory factory = new FailingConnectionFactory(this.server.port());
		Registration registration = this.server
			.closeLater(new RedisServiceRegistry(this.server.started(factory), beating(Duration.ofMillis(50))))
			.register(this.game1);
		await().until(registration::registered);
		factory.fail(new NoClassDefFoundError("forced"));
		await().until(() -> registration.lastError() != null);
		assertThat(registration.lastError()).contains("redis key 'games'").contains("forced");
		factory.fail(null);
		double then = this.fleet.now();
		await().until(() -> this.redis.zscore("games", GAME_1) > then);
		assertThat(registration.lastError()).isNull();
	}

	@Test
	void whatIsRegisteredIsWhatOurReaderSees() {
		ServiceConfig service = this.game1.withTags("eu", "vip").withMetadata(Map.of("weight", "2", "zone", "a&b"));
		registry(RedisRegistrySettings.defaults("games")).register(service);
		SnapshotRecorder recorder = new SnapshotRecorder();
		RedisServiceDiscovery discovery = new RedisServiceDiscovery(this.server.connectionFactory(),
				RedisRegistrySettings.defaults("games"));
		this.server.closeLater(discovery);
		discovery.subscribe(recorder);
		await().until(recorder::ids, List.of("game-1")::equals);
		ServiceConfig seen = Objects
			.requireNonNull(InstanceFilter.forSchemes(List.of("tcp")).map(recorder.latest().get(0)));
		assertThat(seen.tags()).containsExactlyInAnyOrder("eu", "vip");
		assertThat(seen.metadata()).containsEntry("weight", "2").containsEntry("zone", "a&b");
		assertThat(seen.sameEndpoint(service)).isTrue();
	}

	private RedisServiceRegistry registry(RedisRegistrySettings settings) {
		return this.server.closeLater(new RedisServiceRegistry(this.server.connectionFactory(), settings));
	}

	private static RedisRegistrySettings beating(Duration interval) {
		return RedisRegistrySettings.defaults("games")
			.withTimings(RedisRegistryTimings.defaults().withHeartbeatInterval(interval));
	}

}
