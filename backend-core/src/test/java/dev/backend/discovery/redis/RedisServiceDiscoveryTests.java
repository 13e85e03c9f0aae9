package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery.Subscription;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.SlowTest;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static dev.backend.discovery.redis.OutsideFleet.member;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * The watcher against a real Redis, on which another client follows the contract by hand.
 * Unless a test says otherwise nothing is read but at the start and on a message.
 */
@ExtendWith(OutputCaptureExtension.class)
@SlowTest
class RedisServiceDiscoveryTests {

	private final SnapshotRecorder recorder = new SnapshotRecorder();

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
	void whenAnOutsideServiceRegistersAndLeavesThenTheSnapshotsFollow() {
		watch(rarelyReading());
		awaitRead();
		this.fleet.register(member("game", "game-1", 7001));
		await().until(this.recorder::ids, List.of("game-1")::equals);
		assertThat(this.recorder.latest())
			.containsExactly(new DiscoveredInstance("game", "game-1", "tcp", "127.0.0.1", 7001, List.of(), Map.of()));
		this.fleet.register(member("game", "game-2", 7002));
		await().until(this.recorder::ids, List.of("game-2", "game-1")::equals);
		this.fleet.deregister(member("game", "game-1", 7001));
		await().until(this.recorder::ids, List.of("game-2")::equals);
	}

	@Test
	void whenServiceNamesAreGivenThenTheyAreComparedExactly() {
		this.fleet.beat(member("game", "1", 7001));
		this.fleet.beat(member("Game", "2", 7002));
		this.fleet.beat(member("game2", "3", 7003));
		watch(rarelyReading().withServiceNames("game", "chat"));
		await().until(this.recorder::ids, List.of("1")::equals);
	}

	@Test
	void whenNobodyTellsThenTheReadIntervalFindsIt() {
		watch(reading(Duration.ofMillis(200)));
		awaitRead();
		this.fleet.beat(member("game", "1", 7001));
		await().until(this.recorder::ids, List.of("1")::equals);
	}

	@Test
	void whenTheExpiryIsOverThenAMemberIsGoneWithoutAnyMessage() {
		this.fleet.beat(member("game", "1", 7001), 7000);
		watch(reading(Duration.ofMillis(100)));
		await().until(this.recorder::ids, List.of("1")::equals);
		await().until(this.recorder::ids, List.of()::equals);
	}

	@Test
	void whenHeartbeatsTakeTurnsThenTheOrderOfFirstSightStays() {
		String old = member("game", "game-1", 7001);
		String fresh = member("game", "game-1", 7002);
		this.fleet.beat(old);
		watch(rarelyReading());
		awaitRead();
		this.fleet.register(fresh);
		await().until(this::ports, List.of(7002, 7001)::equals);
		this.fleet.beat(old);
		this.fleet.register(member("game", "game-2", 7003));
		await().until(this::ports, List.of(7003, 7002, 7001)::equals);
	}

	@Test
	void whenAnInstanceIsThereTwiceThenTheOneThatWasSeenLatestComesFirst() {
		this.fleet.beat(member("game", "game-1", 7001), 10);
		this.fleet.beat(member("GAME", "Game-1", 7002), 0);
		watch(rarelyReading());
		await().until(this::ports, List.of(7002, 7001)::equals);
	}

	@Test
	void whenMembersAreMalformedThenTheyAreCountedAndLoggedOnce(CapturedOutput output) {
		this.fleet.beat("too&few&fields");
		this.fleet.beat("game&2&127.0.0.1&port&tcp&token=secret");
		this.fleet.beat("game&3&127.0.0.1&70000&tcp");
		this.fleet.beat("ga\u001bme&4&127.0.0.1&7004&tcp");
		this.fleet.beat(member("game", "1", 7001));
		RedisServiceDiscovery discovery = watch(rarelyReading());
		await().until(this.recorder::ids, List.of("1")::equals);
		assertThat(discovery.status().rejected()).isEqualTo(4);
		assertThat(discovery.status().instances()).isEqualTo(1);
		readAgain();
		assertThat(discovery.status().rejected()).isEqualTo(4);
		assertThat(output)
			.containsOnlyOnce("redis key 'games': 4 entries are left out that were not before (malformed), such as '")
			.doesNotContain("secret")
			.doesNotContain("\u001b");
	}

	@Test
	void whenAMemberIsHugeThenItIsLeftOutInsideRedis(CapturedOutput output) {
		this.fleet.beat(member("game", "1", 7001));
		this.fleet.beat("game&2&127.0.0.1&7002&tcp&k=" + "x".repeat(20_000_000));
		RedisServiceDiscovery discovery = watch(rarelyReading());
		await().until(this.recorder::ids, List.of("1")::equals);
		readAgain();
		assertThat(discovery.status().rejected()).isEqualTo(1);
		assertThat(bytesSent()).isLessThan(1_000_000);
		assertThat(output).containsOnlyOnce(
				"redis key 'games': 1 entry is left out that was not before (malformed), such as one of more than 8192"
						+ " bytes (the most by backend.discovery.redis.maximum-member-size) that begins with 'game&2&127.0.0.1&7002&tcp'");
	}

	@Test
	void whenMembersAreTooManyBytesTogetherThenTheNewestAreTakenAndNothingCountsAsGone() {
		String newest = "2".repeat(20);
		this.fleet.beat(member("game", "1".repeat(20), 7001), 1000);
		this.fleet.beat(member("game", newest, 7002));
		RedisServiceDiscovery discovery = watch(rarelyReading().withLimits(new RedisReadLimits(64, 64)));
		await().until(this.recorder::ids, List.of(newest)::equals);
		assertThat(discovery.status().rejected()).isEqualTo(1);
		assertThat(discovery.status().reason()).contains("1 of 2 live entries do not fit into a read")
			.contains("64 bytes together");
		assertThat(this.recorder.last().views().get(0).absence()).isEqualTo(Absence.NO_EVIDENCE);
	}

	@Test
	void whenThereAreTooManyMembersThenThoseKnownStay(CapturedOutput output) {
		this.fleet.beat(member("game", "known", 7001), 1000);
		RedisServiceDiscovery discovery = watch(
				rarelyReading().withRules(InstanceRules.defaults().withMaximumInstances(3)));
		await().until(this.recorder::ids, List.of("known")::equals);
		IntStream.range(0, 4).forEach((i) -> this.fleet.beat(member("flood", "f" + i, 8000 + i)));
		this.fleet.tell("reg");
		// A read may come before the last beat.
		await().until(() -> discovery.status().rejected() == 2);
		assertThat(this.recorder.ids()).hasSize(3).contains("known");
		readAgain();
		assertThat(output).containsOnlyOnce("entries (expected: at most 3); those beyond are left out");
	}

	@Test
	void whenMessagesComeInABurstThenFewReadsSeeTheLastChange() {
		RedisRegistrySettings settings = rarelyReading();
		// On a busy machine the first would have expired before the last is there.
		watch(settings.withTimings(settings.timings().withExpiry(Duration.ofMinutes(5), Duration.ofSeconds(4))));
		awaitRead();
		int before = this.recorder.count();
		for (int i = 0; i < 500; i++) {
			this.fleet.beat(member("game", "g" + i, 7000 + i));
			this.fleet.tell("reg g" + i);
		}
		await().until(() -> this.recorder.ids().size() == 500);
		assertThat(this.recorder.count() - before).isLessThan(400);
	}

	@Test
	void whenAReadFindsNoChangeThenAYoungerSnapshotWithTheSameListConfirmsIt() {
		this.fleet.beat(member("game", "1", 7001));
		watch(rarelyReading());
		await().until(this.recorder::ids, List.of("1")::equals);
		readAgain();
		List<DiscoverySnapshot> snapshots = this.recorder.all();
		assertThat(snapshots).hasSizeGreaterThan(1)
			.allMatch((snapshot) -> snapshot.instances() == snapshots.get(0).instances());
		assertThat(snapshots.get(1).views().get(0).readAt() - snapshots.get(0).views().get(0).readAt()).isPositive();
	}

	@Test
	void whenASecondListenerComesThenItGetsTheKnownSnapshotAtOnce() {
		this.fleet.beat(member("game", "1", 7001));
		RedisServiceDiscovery discovery = watch(rarelyReading());
		await().until(this.recorder::ids, List.of("1")::equals);
		this.server.suspend();
		SnapshotRecorder second = new SnapshotRecorder();
		discovery.subscribe(second);
		await().until(second::ids, List.of("1")::equals);
	}

	@Test
	void whenASubscriptionIsClosedThenItHearsNothingAndTheOthersGoOn() {
		RedisServiceDiscovery discovery = watch(rarelyReading());
		SnapshotRecorder other = new SnapshotRecorder();
		Subscription subscription = discovery.subscribe(other);
		await().until(() -> other.count() > 0);
		subscription.close();
		subscription.close();
		int heard = other.count();
		this.fleet.register(member("game", "1", 7001));
		await().until(this.recorder::ids, List.of("1")::equals);
		assertThat(other.count()).isEqualTo(heard);
	}

	@Test
	void whenTheLastSubscriptionIsClosedThenTheConnectionsAreAndALaterOneWatchesAgain() {
		RedisServiceDiscovery discovery = new RedisServiceDiscovery(this.server.connectionFactory(), rarelyReading());
		this.server.closeLater(discovery);
		long before = connections();
		Subscription subscription = discovery.subscribe(this.recorder);
		awaitRead();
		subscription.close();
		await().until(() -> connections() == before);
		assertThat(discovery.status().state()).isEqualTo(State.STARTING);
		this.fleet.beat(member("game", "1", 7001));
		discovery.subscribe(this.recorder);
		await().until(this.recorder::ids, List.of("1")::equals);
	}

	@Test
	void whenAListenerClosesItsOwnSubscriptionThenThatWorks() throws InterruptedException {
		RedisServiceDiscovery discovery = watch(rarelyReading());
		awaitRead();
		CountDownLatch closed = new CountDownLatch(1);
		Subscription[] own = new Subscription[1];
		CountDownLatch known = new CountDownLatch(1);
		own[0] = discovery.subscribe((snapshot) -> {
			awaitQuietly(known);
			own[0].close();
			closed.countDown();
		});
		known.countDown();
		assertThat(closed.await(5, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenAListenerThrowsThenTheOthersAndTheNextSnapshotAreNotHarmed() {
		RedisServiceDiscovery discovery = new RedisServiceDiscovery(this.server.connectionFactory(), rarelyReading());
		this.server.closeLater(discovery);
		discovery.subscribe((snapshot) -> {
			throw new IllegalStateException("listener's own fault");
		});
		discovery.subscribe(this.recorder);
		awaitRead();
		this.fleet.register(member("game", "1", 7001));
		await().until(this.recorder::ids, List.of("1")::equals);
	}

	@Test
	void whenClosedThenSubscribingIsRefusedWithTheKey() {
		RedisServiceDiscovery discovery = watch(rarelyReading());
		discovery.close();
		assertThatIllegalStateException().isThrownBy(() -> discovery.subscribe(this.recorder))
			.withMessage("discovery of redis key 'games' is closed");
	}

	@Test
	void statusSaysWhatIsWatchedAndHow() {
		RedisServiceDiscovery discovery = new RedisServiceDiscovery(this.server.connectionFactory(), rarelyReading());
		this.server.closeLater(discovery);
		assertThat(discovery.status().state()).isEqualTo(State.STARTING);
		this.fleet.beat(member("game", "1", 7001));
		discovery.subscribe(this.recorder);
		await().until(() -> discovery.status().state() == State.UP);
		DiscoveryStatus status = discovery.status();
		assertThat(status.source()).isEqualTo("redis key 'games'");
		assertThat(status.instances()).isEqualTo(1);
		assertThat(status.rejected()).isZero();
		assertThat(status.reason()).isNull();
		assertThat(status.sinceLastRead()).isNotNull().isLessThan(Duration.ofMinutes(1));
	}

	@Test
	void whenAWatcherIsElectedThenItTellsTheOthersOfExpiredMembers() {
		this.fleet.beat(member("game", "1", 7001));
		this.fleet.beat(member("game", "2", 7002), 6500);
		List<String> published = this.server.listen("_{games}_channel_");
		watch(rarelyReading().withChecker(RedisCheckerSettings.defaults()));
		await().until(this.fleet::list, member("game", "1", 7001)::equals);
		await().until(this.recorder::ids, List.of("1")::equals);
		assertThat(published).contains("check");
		assertThat(this.redis.pttl("_{games}_locker_")).isBetween(1L, 8000L);
	}

	@Test
	void whenSeveralWatchThenOneIsTheCheckerAndAnotherFollowsIt() {
		RedisRegistrySettings settings = rarelyReading()
			.withChecker(new RedisCheckerSettings(true, Duration.ofMillis(20), Duration.ofMillis(20)));
		RedisServiceDiscovery first = watch(settings);
		await().until(() -> !this.fleet.checker().equals("null"));
		String checker = this.fleet.checker();
		RedisServiceDiscovery second = watch(settings);
		await().until(() -> second.status().state() == State.UP);
		assertThat(this.fleet.checker()).isEqualTo(checker);
		first.close();
		this.redis.del("_{games}_locker_");
		await().until(() -> !this.fleet.checker().equals("null"));
		assertThat(this.fleet.checker()).isNotEqualTo(checker);
	}

	@Test
	void whenTheCheckerIsSwitchedOffThenTheLockIsLeftAlone() {
		watch(rarelyReading()
			.withChecker(new RedisCheckerSettings(false, Duration.ofMillis(10), Duration.ofSeconds(8))));
		awaitRead();
		readAgain();
		assertThat(this.redis.exists("_{games}_locker_", "_{games}_list_")).isZero();
	}

	@Test
	void whenSeveralKeysAreWatchedThenEachHasItsOwnViewAndChecker() {
		OutsideFleet chats = new OutsideFleet(this.redis, "chats");
		this.fleet.beat(member("game", "1", 7001));
		chats.beat(member("chat", "2", 7002));
		SnapshotRecorder chatRecorder = new SnapshotRecorder();
		watch(rarelyReading().withChecker(RedisCheckerSettings.defaults()));
		RedisServiceDiscovery other = new RedisServiceDiscovery(this.server.connectionFactory(),
				RedisRegistrySettings.defaults("chats"));
		this.server.closeLater(other);
		other.subscribe(chatRecorder);
		await().until(this.recorder::ids, List.of("1")::equals);
		await().until(chatRecorder::ids, List.of("2")::equals);
		await().until(this.fleet::list, member("game", "1", 7001)::equals);
		await().until(chats::list, member("chat", "2", 7002)::equals);
		assertThat(this.fleet.checker()).isNotEqualTo(chats.checker());
	}

	private RedisServiceDiscovery watch(RedisRegistrySettings settings) {
		RedisServiceDiscovery discovery = new RedisServiceDiscovery(this.server.connectionFactory(), settings);
		this.server.closeLater(discovery);
		discovery.subscribe(this.recorder);
		return discovery;
	}

	/** Until the read that follows the subscription to the channel. */
	private void awaitRead() {
		await().until(() -> this.recorder.count() >= 2);
	}

	private void readAgain() {
		int before = this.recorder.count();
		this.fleet.tell("anything");
		await().until(() -> this.recorder.count() > before);
	}

	private List<Integer> ports() {
		return this.recorder.latest().stream().map(DiscoveredInstance::port).toList();
	}

	private long bytesSent() {
		return this.redis.info("stats")
			.lines()
			.filter((line) -> line.startsWith("total_net_output_bytes:"))
			.mapToLong((line) -> Long.parseLong(line.substring(line.indexOf(':') + 1).trim()))
			.sum();
	}

	private long connections() {
		return this.redis.clientList().lines().count();
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static RedisRegistrySettings rarelyReading() {
		return reading(Duration.ofMinutes(10));
	}

	private static RedisRegistrySettings reading(Duration interval) {
		return RedisRegistrySettings.defaults("games")
			.withChecker(RedisCheckerSettings.off())
			.withTimings(RedisRegistryTimings.defaults().withReadInterval(interval));
	}

}
