package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.SlowTest;
import dev.backend.test.fault.FaultProxy;
import io.lettuce.core.KillArgs;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static dev.backend.discovery.redis.OutsideFleet.member;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a Redis that is away, stopped, empty, locked or used by others does to a watcher
 * and a registration with the default settings, on an application's factory with the
 * default time-out of a minute.
 */
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class RedisOutageTests {

	private static final ServiceConfig GAME_1 = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001);

	private static final String MEMBER_1 = member("game", "game-1", 7001);

	/** Three times what the project promises for the state and its reason. */
	private static final Duration NOTICED = Duration.ofSeconds(15);

	/** Three times what the project promises for the view, after Redis is right. */
	private static final Duration RECOVERED = Duration.ofSeconds(9);

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private RedisServerFixture server = RedisServerFixture.stopped();

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void whenRedisIsDownAtTheStartThenTheReasonIsGivenAndItConnectsWhenRedisComes() {
		RedisServiceDiscovery discovery = watch();
		Registration registration = registry().register(GAME_1);
		await().atMost(NOTICED).until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).startsWith("redis key 'games': no answer: Unable to connect")
			.contains("127.0.0.1:" + this.server.port())
			.contains("Connection refused");
		await().until(() -> registration.lastError() != null);
		assertThat(registration.registered()).isFalse();
		assertThat(this.recorder.count()).isZero();
		this.server.start();
		await().atMost(RECOVERED).until(this.recorder::ids, List.of("game-1")::equals);
		assertThat(registration.registered()).isTrue();
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().reason()).isNull();
	}

	@Test
	void whenRedisIsKilledThenTheViewStaysAndAfterAnEmptyRestartItIsRightAgain() {
		this.server.start();
		RedisServiceDiscovery discovery = watch();
		Registration registration = registry().register(GAME_1);
		await().until(this.recorder::ids, List.of("game-1")::equals);
		this.server.kill();
		int seen = this.recorder.count();
		await().atMost(NOTICED).until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("no answer");
		assertThat(discovery.status().instances()).isEqualTo(1);
		assertThat(this.recorder.count()).isEqualTo(seen);
		await().until(() -> registration.lastError() != null);
		this.server.start();
		await().atMost(RECOVERED)
			.until(() -> discovery.status().state() == State.UP && this.recorder.ids().equals(List.of("game-1")));
		assertThat(registration.lastError()).isNull();
		awaitThatMessagesArrive();
	}

	@Test
	void whenRedisRestartsUnnoticedBetweenTwoHeartbeatsThenTheServiceIsBackBeforeTheNext() {
		this.server.start();
		RedisServiceDiscovery discovery = watch();
		Registration registration = registry().register(GAME_1);
		await().until(() -> registration.registered() && discovery.status().state() == State.UP);
		this.server.kill();
		this.server.start();
		RedisCommands<String, String> redis = this.server.client();
		await().atMost(RECOVERED).until(() -> redis.zscore("games", MEMBER_1) != null);
		await().atMost(RECOVERED).until(this.recorder::ids, List.of("game-1")::equals);
	}

	@Test
	void whenRedisIsSuspendedThenThisIsNoticedAndTheViewStaysUntilItRunsOn() {
		this.server.start();
		RedisServiceDiscovery discovery = watch();
		registry().register(GAME_1);
		await().until(this.recorder::ids, List.of("game-1")::equals);
		this.server.suspend();
		int seen = this.recorder.count();
		await().atMost(NOTICED).until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).startsWith("redis key 'games': no answer");
		assertThat(this.recorder.count()).isEqualTo(seen);
		this.server.resume();
		await().atMost(RECOVERED).until(() -> discovery.status().state() == State.UP);
		await().atMost(RECOVERED).until(this.recorder::ids, List.of("game-1")::equals);
		awaitThatMessagesArrive();
	}

	@Test
	void whenConnectionsAreHalfOpenThenNewOnesAreMade() {
		this.server.start();
		try (FaultProxy proxy = new FaultProxy(this.server.port())) {
			LettuceConnectionFactory factory = this.server
				.started(new LettuceConnectionFactory(new RedisStandaloneConfiguration("127.0.0.1", proxy.port())));
			RedisServiceDiscovery discovery = watch(factory);
			RedisServiceRegistry registry = new RedisServiceRegistry(factory, RedisRegistrySettings.defaults("games"));
			registry.register(GAME_1);
			await().until(this.recorder::ids, List.of("game-1")::equals);
			long before = discovery.reads().failed();
			proxy.freeze();
			// Down lasts until the next attempt only, which may be sooner than a look.
			await().atMost(NOTICED).until(() -> discovery.reads().failed() > before);
			await().atMost(RECOVERED).until(() -> discovery.status().state() == State.UP);
			awaitThatMessagesArrive();
			RedisCommands<String, String> redis = this.server.client();
			double now = new OutsideFleet(redis, "games").now();
			await().until(() -> redis.zscore("games", MEMBER_1) > now);
			registry.close();
			discovery.close();
		}
	}

	@Test
	void whenClosingWhileRedisIsSuspendedThenItEndsInTime() {
		this.server.start();
		RedisServiceRegistry registry = registry();
		Registration registration = registry.register(GAME_1);
		await().until(registration::registered);
		this.server.suspend();
		await().atMost(Duration.ofSeconds(12)).untilAsserted(() -> {
			registration.close();
			registry.close();
		});
		this.server.resume();
	}

	@Test
	void whenTheSubscriptionsConnectionIsKilledThenMessagesArriveAgain() {
		this.server.start();
		watch();
		await().until(() -> this.recorder.count() >= 2);
		this.server.client().clientKill(KillArgs.Builder.typePubsub());
		awaitThatMessagesArrive();
	}

	@Test
	void whenScriptsAreFlushedThenReadsAndChecksGoOn() {
		this.server.start();
		RedisServiceDiscovery discovery = watch();
		await().until(() -> this.recorder.count() >= 2);
		this.server.client().scriptFlush();
		awaitThatMessagesArrive();
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().reason()).isNull();
	}

	@Test
	void whenTheKeyHasAnotherTypeThenTheReasonSaysSoAndItRecoversByItself() {
		this.server.start();
		RedisCommands<String, String> redis = this.server.client();
		redis.set("games", "text");
		RedisServiceDiscovery discovery = watch();
		Registration registration = registry().register(GAME_1);
		await().atMost(NOTICED).until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason())
			.startsWith("redis key 'games': holds another type than a registry has (expected: a sorted set, or no key)")
			.contains("WRONGTYPE");
		await().until(() -> registration.lastError() != null);
		assertThat(registration.lastError()).contains("WRONGTYPE");
		assertThat(this.recorder.count()).isZero();
		redis.del("games");
		await().atMost(RECOVERED).until(this.recorder::ids, List.of("game-1")::equals);
		assertThat(discovery.status().state()).isEqualTo(State.UP);
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	@ResourceLock(Resources.SYSTEM_OUT)
	void whenTheUserMayNotReadTheKeyThenTheReasonSaysSoWithoutThePassword(CapturedOutput output) {
		this.server.start();
		RedisCommands<String, String> redis = this.server.client();
		RedisServerFixture.acl(redis, "limited", "on", ">pa55-word", "+@all", "~other", "&*");
		RedisServiceDiscovery discovery = watch(this.server.connectionFactory("limited", "pa55-word"));
		await().atMost(NOTICED).until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).startsWith("redis key 'games': Redis denies access (expected: an ACL");
		RedisServerFixture.acl(redis, "limited", "~games", "~_{games}_*");
		await().atMost(RECOVERED).until(() -> discovery.status().state() == State.UP);
		assertThat(output).doesNotContain("pa55-word");
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	@ResourceLock(Resources.SYSTEM_OUT)
	void whenTheCredentialsAreWrongThenTheReasonSaysSoWithoutThePassword(CapturedOutput output) {
		this.server.start();
		RedisServiceDiscovery discovery = watch(this.server.connectionFactory("nobody", "wr0ng-word"));
		await().atMost(NOTICED).until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason())
			.startsWith("redis key 'games': Redis refuses the credentials: WRONGPASS")
			.doesNotContain("wr0ng-word");
		assertThat(output).doesNotContain("wr0ng-word");
	}

	@Test
	void whenTheUserMayNotSubscribeThenTheKeyIsReadEverySecondAndTheStatusSaysWhy() {
		this.server.start();
		RedisCommands<String, String> redis = this.server.client();
		RedisServerFixture.acl(redis, "quiet", "on", ">pa55-word", "+@all", "~*", "resetchannels");
		RedisServiceDiscovery discovery = watch(this.server.connectionFactory("quiet", "pa55-word"));
		await().until(() -> discovery.status().reason() != null);
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		// Of the subscription or of the check, whichever was refused last.
		assertThat(discovery.status().reason()).contains("Redis denies access").contains("channel");
		new OutsideFleet(redis, "games").beat(MEMBER_1);
		await().atMost(RECOVERED).until(this.recorder::ids, List.of("game-1")::equals);
	}

	@Test
	void whenTheUserMayNotWriteThenTheViewIsRightAndTheStatusNamesTheCheck() {
		this.server.start();
		RedisCommands<String, String> redis = this.server.client();
		new OutsideFleet(redis, "games").beat(MEMBER_1);
		RedisServerFixture.acl(redis, "reader", "on", ">pa55-word", "+@all", "-@write", "+eval", "+evalsha", "~*",
				"&*");
		RedisServiceDiscovery discovery = watch(this.server.connectionFactory("reader", "pa55-word"));
		await().until(this.recorder::ids, List.of("game-1")::equals);
		await().until(() -> discovery.status().reason() != null);
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().reason()).contains("the check of expired entries; it can be switched off");
	}

	@Test
	void whenAnotherLayoutUsesTheKeyAtTheStartThenItIsRefusedUntilThatIsGone() {
		this.server.start();
		RedisCommands<String, String> redis = this.server.client();
		redis.zadd("games", Math.floor(new OutsideFleet(redis, "games").now() / 1000), "member of gobase-v2");
		RedisServiceDiscovery discovery = watch();
		Registration registration = registry().register(GAME_1);
		await().until(() -> discovery.status().state() == State.DOWN && registration.lastError() != null);
		assertThat(discovery.status().reason()).contains("redis key 'games'").contains("gobase-v2");
		assertThat(registration.lastError()).contains("gobase-v2");
		assertThat(this.recorder.count()).isZero();
		assertThat(redis.zrange("games", 0, -1)).containsExactly("member of gobase-v2");
		assertThat(redis.keys("*")).containsExactly("games");
		redis.del("games");
		await().atMost(RECOVERED).until(this.recorder::ids, List.of("game-1")::equals);
	}

	@Test
	void whenAnotherLayoutsCheckerIsAtWorkAtTheStartThenTheKeyIsRefused() {
		this.server.start();
		RedisCommands<String, String> redis = this.server.client();
		redis.setex("games_check", 100, "its checker");
		RedisServiceDiscovery discovery = watch();
		Registration registration = registry().register(GAME_1);
		await().until(() -> discovery.status().state() == State.DOWN && registration.lastError() != null);
		assertThat(discovery.status().reason()).contains("gobase-v2");
		assertThat(redis.exists("games")).isZero();
	}

	@Test
	void whenAnotherLayoutAppearsLaterThenTheViewAndHeartbeatsGoOnAndTheCheckRests() {
		this.server.start();
		RedisCommands<String, String> redis = this.server.client();
		OutsideFleet fleet = new OutsideFleet(redis, "games");
		RedisServiceDiscovery discovery = watch();
		Registration registration = registry(RedisRegistrySettings.defaults("games")
			.withTimings(RedisRegistryTimings.defaults().withHeartbeatInterval(Duration.ofMillis(100))))
			.register(GAME_1);
		await().until(this.recorder::ids, List.of("game-1")::equals);
		redis.zadd("games", Math.floor(fleet.now() / 1000), "member of gobase-v2");
		fleet.tell("anything");
		await().until(() -> discovery.status().reason() != null);
		assertThat(discovery.status().reason()).contains("gobase-v2").contains("the check of expired entries rests");
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		double before = fleet.now();
		await().until(() -> redis.zscore("games", MEMBER_1) > before);
		assertThat(registration.registered()).isTrue();
		redis.del("_{games}_list_");
		fleet.register(member("game", "game-2", 7002));
		await().until(this.recorder::ids, List.of("game-2", "game-1")::equals);
		redis.zrem("games", "member of gobase-v2");
		fleet.tell("anything");
		await().until(() -> discovery.status().reason() == null);
	}

	/** A message must lead to a read long before the read interval is over. */
	private void awaitThatMessagesArrive() {
		OutsideFleet fleet = new OutsideFleet(this.server.client(), "games");
		fleet.beat(member("game", "told", 7009));
		await().atMost(RECOVERED).until(() -> {
			fleet.tell("reg");
			return this.recorder.ids().contains("told");
		});
	}

	private RedisServiceDiscovery watch() {
		return watch(this.server.connectionFactory());
	}

	private RedisServiceDiscovery watch(LettuceConnectionFactory factory) {
		RedisServiceDiscovery discovery = new RedisServiceDiscovery(factory, RedisRegistrySettings.defaults("games"));
		this.server.closeLater(discovery);
		discovery.subscribe(this.recorder);
		return discovery;
	}

	private RedisServiceRegistry registry() {
		return registry(RedisRegistrySettings.defaults("games"));
	}

	private RedisServiceRegistry registry(RedisRegistrySettings settings) {
		return this.server.closeLater(new RedisServiceRegistry(this.server.connectionFactory(), settings));
	}

}
