package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.VirtualTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.RedisConnectionFailureException;

import static dev.backend.discovery.redis.OutsideFleet.member;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A watch of a real Redis in a time of its own.
 */
class RedisWatchTests {

	private static final Duration EXPIRY = Duration.ofMinutes(5);

	private final VirtualTime time = new VirtualTime();

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private RedisServerFixture server;

	private FailingConnectionFactory factory;

	private OutsideFleet fleet;

	private RedisWatch watch;

	@BeforeEach
	void startWatch() {
		this.server = RedisServerFixture.started();
		this.fleet = new OutsideFleet(this.server.client(), "games");
		this.fleet.beat(member("game", "game-1", 7001));
		this.fleet.beat(member("game", "game-2", 7002));
		RedisRegistrySettings settings = RedisRegistrySettings.defaults("games")
			.withChecker(RedisCheckerSettings.off())
			.withTimings(RedisRegistryTimings.defaults().withExpiry(EXPIRY, Duration.ofSeconds(4)));
		this.factory = new FailingConnectionFactory(this.server.port());
		this.watch = new RedisWatch(this.server.started(this.factory), settings, loop(), loop());
		this.watch.publisher().add(this.recorder);
		this.watch.start();
		this.time.run();
		await().until(() -> this.recorder.shows("game-1", "game-2"));
	}

	@AfterEach
	void stopWatch() {
		this.watch.stop();
		this.server.close();
	}

	@Test
	void anHourWithoutRedisIsAMatterOfMilliseconds() {
		this.factory.fail(new RedisConnectionFailureException("nobody there"));
		this.time.advance(Duration.ofHours(1));
		assertThat(this.watch.health().status().state()).isEqualTo(State.DOWN);
		assertThat(this.watch.health().status().reason()).isEqualTo("redis key 'games': no answer: nobody there");
		assertThat(this.watch.health().status().sinceLastRead()).isGreaterThan(Duration.ofMinutes(59));
		assertThat(this.watch.health().reads().failed()).as("at least one a second").isGreaterThan(3500);
		assertThat(this.recorder.ids()).hasSize(2);
		this.fleet.deregister(member("game", "game-1", 7001));
		this.factory.fail(null);
		this.time.advance(Duration.ofSeconds(2));
		await().until(this.recorder::ids, List.of("game-2")::equals);
		assertThat(this.watch.health().status().state()).isEqualTo(State.UP);
		assertThat(absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		this.time.advance(EXPIRY.plusSeconds(10));
		await().until(() -> absence() == Absence.EVIDENCE);
	}

	@Test
	void whenAnErrorIsThrownThenHealthSaysSoAndTheNextReadComes() {
		this.factory.fail(new NoClassDefFoundError("forced"));
		this.time.advance(Duration.ofSeconds(10));
		assertThat(this.watch.health().status().state()).isEqualTo(State.DOWN);
		assertThat(this.watch.health().status().reason()).contains("forced");
		this.fleet.register(member("game", "game-3", 7003));
		this.factory.fail(null);
		this.time.advance(Duration.ofSeconds(2));
		await().until(() -> this.recorder.shows("game-1", "game-2", "game-3"));
	}

	@Test
	void readsRestTenTimesAsLongAsTheLastOneTookAndAtMostHalfASecond() {
		assertThat(RedisWatch.rest(Duration.ofNanos(500).toNanos())).isEqualTo(Duration.ofMillis(20).toNanos());
		assertThat(RedisWatch.rest(Duration.ofMillis(15).toNanos())).isEqualTo(Duration.ofMillis(300).toNanos());
		assertThat(RedisWatch.rest(Duration.ofSeconds(2).toNanos())).isEqualTo(Duration.ofMillis(500).toNanos());
	}

	private DiscoveryLoop loop() {
		return new DiscoveryLoop("virtual", this.time, this.time::nanoTime);
	}

	private Absence absence() {
		return this.recorder.last().views().get(0).absence();
	}

}
