package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.SlowTest;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static dev.backend.discovery.redis.OutsideFleet.member;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The layout {@code gobase-v2}, written and read by another client by hand, and a fleet
 * of the other layout on the same key.
 */
@SlowTest
class RegistryLayoutTests {

	private static final String MEMBER_1 = member("game", "game-1", 7001);

	private static final ServiceConfig GAME_1 = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001);

	/** What the contract says of a check, written by another hand than what is tested. */
	private static final String OUTSIDE_CHECK = """
			local t = redis.call('TIME')
			local now = t[1] + t[2] / 1000000
			local holder = redis.call('GET', KEYS[3])
			if not holder then
			  redis.call('SET', KEYS[3], ARGV[1], 'EX', 8)
			elseif holder ~= ARGV[1] then
			  return 0
			end
			local live = redis.call('ZRANGEBYSCORE', KEYS[1], now - 8, now)
			table.sort(live)
			local list = table.concat(live, ',')
			if (redis.call('GET', KEYS[2]) or '') == list then
			  return 1
			end
			redis.call('SET', KEYS[2], list)
			redis.call('PUBLISH', KEYS[1], 'check')
			redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 9)
			return 2
			""";

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private RedisServerFixture server;

	private RedisCommands<String, String> redis;

	@BeforeEach
	void startServer() {
		this.server = RedisServerFixture.started();
		this.redis = this.server.client();
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void whenAServiceRegistersThenScoreListAndMessageAreThoseOfTheLaterLayout() {
		List<String> published = this.server.listen("games");
		double before = seconds();
		Registration registration = registry(laterLayout()).register(GAME_1);
		await().until(registration::registered);
		assertThat(this.redis.zscore("games", MEMBER_1)).isBetween(before, seconds());
		assertThat(this.redis.get("games_list")).isEqualTo(MEMBER_1);
		assertThat(this.redis.keys("*")).containsExactlyInAnyOrder("games", "games_list");
		registration.close();
		assertThat(this.redis.exists("games")).isZero();
		await().until(() -> published.size() == 2);
		assertThat(published).containsExactly("reg " + MEMBER_1, "dereg " + MEMBER_1);
	}

	@Test
	void whenAnOutsideServiceRegistersThenTheWatcherSeesItAndItsExpiry() {
		RedisServiceDiscovery discovery = watch(
				laterLayout().withTimings(RedisRegistryTimings.defaults().withReadInterval(Duration.ofMinutes(10))));
		await().until(() -> this.recorder.count() >= 2);
		this.redis.zadd("games", seconds() - 6, MEMBER_1);
		this.redis.set("games_list", MEMBER_1);
		this.redis.publish("games", "anything");
		await().until(this.recorder::ids, List.of("game-1")::equals);
		// The elected checker, ourselves, tells of the expiry.
		await().until(this.recorder::ids, List.of()::equals);
		assertThat(this.redis.exists("games_check")).isOne();
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().reason()).isNull();
	}

	/** Cut to whole seconds, the dead member would live on for most of a second. */
	@Test
	void whenAnOutsideCheckerTellsOfAnExpiryThenTheDeadMemberIsGoneAtOnce() {
		watch(laterLayout().withChecker(RedisCheckerSettings.off())
			.withTimings(RedisRegistryTimings.defaults().withReadInterval(Duration.ofMinutes(10))));
		await().until(() -> this.recorder.count() >= 2);
		String alive = member("game", "game-2", 7002);
		this.redis.zadd("games", Math.floor(seconds()) + 2.2 - 8, MEMBER_1);
		this.redis.zadd("games", seconds(), alive);
		this.redis.set("games_list", MEMBER_1 + "," + alive);
		this.redis.publish("games", "anything");
		await().until(() -> this.recorder.shows("game-1", "game-2"));
		await().pollInterval(Duration.ofMillis(10)).until(() -> {
			this.redis.zadd("games", seconds(), alive);
			return outsideCheck() == 2;
		});
		await().until(this.recorder::ids, List.of("game-2")::equals);
	}

	@Test
	void whenTheEarlierLayoutUsesTheKeyAtTheStartThenItIsRefusedUntilThatIsGone() {
		new OutsideFleet(this.redis, "games").beat(member("game", "game-0", 7000));
		RedisServiceDiscovery discovery = watch(laterLayout());
		Registration registration = registry(laterLayout()).register(GAME_1);
		await().until(() -> discovery.status().state() == State.DOWN && registration.lastError() != null);
		String refusal = "redis key 'games': is used by a fleet of the layout gobase-v1"
				+ " (expected: gobase-v2 only; give each its own key)";
		assertThat(discovery.status().reason()).isEqualTo(refusal);
		assertThat(registration.lastError()).isEqualTo(refusal);
		assertThat(this.recorder.count()).isZero();
		assertThat(this.redis.keys("*")).containsExactly("games");
		this.redis.del("games");
		await().until(this.recorder::ids, List.of("game-1")::equals);
	}

	@Test
	void whenTheEarlierLayoutsCheckerIsAtWorkAtTheStartThenTheKeyIsRefused() {
		this.redis.setex("_{games}_locker_", 100, "its checker");
		RedisServiceDiscovery discovery = watch(laterLayout());
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("gobase-v1");
	}

	@Test
	void whenTheEarlierLayoutAppearsLaterThenTheViewAndHeartbeatsGoOnAndNothingOfItsIsTouched() {
		RedisServiceDiscovery discovery = watch(laterLayout());
		Registration registration = registry(laterLayout()
			.withTimings(RedisRegistryTimings.defaults().withHeartbeatInterval(Duration.ofMillis(100))))
			.register(GAME_1);
		await().until(this.recorder::ids, List.of("game-1")::equals);
		new OutsideFleet(this.redis, "games").register(member("game", "game-0", 7000));
		this.redis.publish("games", "anything");
		await().until(() -> discovery.status().reason() != null);
		assertThat(discovery.status().reason()).contains("gobase-v1").contains("the check of expired entries rests");
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		double before = seconds();
		await().until(() -> this.redis.zscore("games", MEMBER_1) > before);
		assertThat(registration.registered()).isTrue();
		assertThat(this.recorder.ids()).containsExactly("game-1");
		assertThat(this.redis.zscore("games", member("game", "game-0", 7000))).isNotNull();
	}

	/** The server's time as the layout has it. */
	private double seconds() {
		List<String> time = this.redis.time();
		return Long.parseLong(time.get(0)) + Long.parseLong(time.get(1)) / 1_000_000.0;
	}

	/** One check of a service of another language. */
	private long outsideCheck() {
		return this.redis.<Long>eval(OUTSIDE_CHECK, ScriptOutputType.INTEGER,
				new String[] { "games", "games_list", "games_check" }, "an outside checker");
	}

	private RedisServiceDiscovery watch(RedisRegistrySettings settings) {
		RedisServiceDiscovery discovery = this.server
			.closeLater(new RedisServiceDiscovery(this.server.connectionFactory(), settings));
		discovery.subscribe(this.recorder);
		return discovery;
	}

	private RedisServiceRegistry registry(RedisRegistrySettings settings) {
		return this.server.closeLater(new RedisServiceRegistry(this.server.connectionFactory(), settings));
	}

	private static RedisRegistrySettings laterLayout() {
		return RedisRegistrySettings.defaults("games").withLayout(RegistryLayout.GOBASE_V2);
	}

}
