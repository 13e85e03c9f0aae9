package dev.backend.discovery.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.backend.ServiceConfig;
import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.SlowTest;
import io.lettuce.core.Range;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.sync.RedisCommands;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static dev.backend.discovery.redis.OutsideFleet.member;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a Redis that answers and takes no writes does to a watcher: heartbeats fail, which
 * says nothing of those who send them.
 */
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class RedisRefusedWritesTests {

	private static final ServiceConfig GAME_1 = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001);

	private static final ServiceConfig GAME_2 = ServiceConfig.tcp("game", "game-2", "127.0.0.1", 7002);

	private static final Duration EXPIRY = Duration.ofSeconds(2);

	/** A busy machine may make a heartbeat late; what is tested are refusals. */
	private static final RedisRegistrySettings SETTINGS = RedisRegistrySettings.defaults("games")
		.withTimings(RedisRegistryTimings.defaults()
			.withExpiry(EXPIRY, Duration.ofMillis(200))
			.withReadInterval(Duration.ofMillis(100)));

	private static final RedisRegistrySettings READER = SETTINGS.withChecker(RedisCheckerSettings.off());

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private final List<Registration> registrations = new ArrayList<>();

	private RedisServerFixture server = RedisServerFixture.stopped();

	@TempDir
	private Path folder;

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void whenTheMemoryIsFullThenNothingExpiresAndHealthSaysWhy() {
		this.server = RedisServerFixture.started();
		RedisServiceDiscovery discovery = watchTwo(SETTINGS);
		fillMemory();
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).startsWith("redis key 'games': Redis takes no writes: ")
			.contains("OOM")
			.endsWith("nothing expires meanwhile");
		assertThat(this.registrations)
			.allSatisfy((registration) -> assertThat(registration.lastError()).contains("Redis takes no writes"));
		awaitExpiryOfAll();
		assertNothingIsMissing(2);
		freeMemory();
		awaitUp(discovery);
		assertNothingIsBelievedToBeGone(2);
	}

	@Test
	void whenTheMemoryIsFullThenAReaderWithoutACheckerNoticesThatNobodyWrites() {
		this.server = RedisServerFixture.started();
		RedisServiceDiscovery discovery = watchTwo(READER);
		fillMemory();
		awaitExpiryOfAll();
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason())
			.startsWith("redis key 'games': no heartbeat within 2s of any of the 2 entries, though Redis answers");
		assertNothingIsMissing(2);
		freeMemory();
		awaitUp(discovery);
		assertNothingIsBelievedToBeGone(2);
	}

	@Test
	void whenTheMemoryIsFullThenALoneEntryStaysWhereChecksRun() {
		this.server = RedisServerFixture.started();
		RedisServiceDiscovery discovery = watch(SETTINGS);
		register(GAME_1);
		await().until(this.recorder::ids, List.of("game-1")::equals);
		fillMemory();
		awaitExpiryOfAll();
		await().until(() -> discovery.status().state() == State.DOWN);
		assertNothingIsMissing(1);
		freeMemory();
		awaitUp(discovery);
		await().until(this.recorder::ids, List.of("game-1")::equals);
		assertNothingIsBelievedToBeGone(1);
	}

	@Test
	void whenASaveHasFailedThenNothingExpires() throws IOException {
		Path data = Files.createDirectory(this.folder.resolve("data"));
		this.server = RedisServerFixture.started("--dir", data.toString());
		RedisServiceDiscovery discovery = watchTwo(SETTINGS);
		RedisCommands<String, String> redis = this.server.client();
		redis.configSet("save", "3600 1");
		Files.delete(data);
		redis.bgsave();
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("MISCONF");
		awaitExpiryOfAll();
		assertNothingIsMissing(2);
		redis.configSet("dir", this.folder.toString());
		await().ignoreException(RedisException.class).until(() -> redis.bgsave() != null);
		awaitUp(discovery);
		assertNothingIsBelievedToBeGone(2);
	}

	@Test
	void whenOneDiesMeanwhileThenItIsMissedOnceOthersAreHeardAgain() {
		this.server = RedisServerFixture.started();
		RedisServiceDiscovery discovery = watchTwo(SETTINGS);
		fillMemory();
		await().until(() -> discovery.status().state() == State.DOWN);
		this.registrations.get(1).close();
		awaitExpiryOfAll();
		freeMemory();
		awaitUp(discovery);
		await().until(this.recorder::ids, List.of("game-1")::equals);
		assertThat(this.recorder.last().views().get(0).absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
	}

	@Test
	void whenAllDieAtOnceInAHealthyRegistryThenACheckProvesIt() {
		this.server = RedisServerFixture.started();
		OutsideFleet fleet = new OutsideFleet(this.server.client(), "games");
		fleet.beat(member("game", "game-1", 7001));
		fleet.beat(member("game", "game-2", 7002));
		RedisServiceDiscovery discovery = watch(SETTINGS);
		await().until(() -> this.recorder.shows("game-1", "game-2"));
		await().until(this.recorder::ids, List.of()::equals);
		await().until(() -> discovery.status().state() == State.UP);
	}

	/** A cold start takes its time on a busy machine. */
	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(40));
	}

	private RedisServiceDiscovery watchTwo(RedisRegistrySettings settings) {
		RedisServiceDiscovery discovery = watch(settings);
		register(GAME_1);
		register(GAME_2);
		await().until(() -> this.recorder.shows("game-1", "game-2"));
		return discovery;
	}

	private RedisServiceDiscovery watch(RedisRegistrySettings settings) {
		RedisServiceDiscovery discovery = this.server
			.closeLater(new RedisServiceDiscovery(this.server.connectionFactory(), settings));
		discovery.subscribe(this.recorder);
		return discovery;
	}

	private void register(ServiceConfig service) {
		RedisServiceRegistry registry = this.server
			.closeLater(new RedisServiceRegistry(this.server.connectionFactory(), SETTINGS));
		this.registrations.add(registry.register(service));
	}

	private void fillMemory() {
		this.server.client().configSet("maxmemory", "1");
	}

	private void freeMemory() {
		this.server.client().configSet("maxmemory", "0");
	}

	/** Until the contract alone would have taken everybody away, and some reads more. */
	private void awaitExpiryOfAll() {
		RedisCommands<String, String> redis = this.server.client();
		OutsideFleet fleet = new OutsideFleet(redis, "games");
		await().until(() -> redis.zcount("games", Range.create(fleet.now() - EXPIRY.toMillis(), fleet.now())) == 0);
		int reads = this.recorder.count();
		await().until(() -> this.recorder.count() >= reads + 2);
	}

	private void awaitUp(RedisServiceDiscovery discovery) {
		await().until(() -> discovery.status().state() == State.UP && discovery.status().reason() == null);
	}

	private void assertNothingIsMissing(int all) {
		assertThat(sinceAllWereThere(all)).isNotEmpty()
			.allSatisfy((snapshot) -> assertThat(snapshot.instances()).hasSize(all));
	}

	/** They come back one by one. */
	private void assertNothingIsBelievedToBeGone(int all) {
		assertThat(sinceAllWereThere(all))
			.allMatch((snapshot) -> snapshot.instances().size() == all || snapshot.views().get(0).absence().doubted());
	}

	private List<DiscoverySnapshot> sinceAllWereThere(int all) {
		return this.recorder.all().stream().dropWhile((snapshot) -> snapshot.instances().size() < all).toList();
	}

}
