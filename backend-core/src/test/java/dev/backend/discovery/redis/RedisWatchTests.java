package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.VirtualTime;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

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

	/** What is thrown in place of a connection. */
	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	private RedisServerFixture server;

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
		this.watch = new RedisWatch(this.server.started(new FailingFactory(this.server.port())), settings, loop(),
				loop());
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
		this.failure.set(new RedisConnectionFailureException("nobody there"));
		this.time.advance(Duration.ofHours(1));
		assertThat(this.watch.status().state()).isEqualTo(State.DOWN);
		assertThat(this.watch.status().reason()).isEqualTo("redis key 'games': no answer: nobody there");
		assertThat(this.watch.status().sinceLastRead()).isGreaterThan(Duration.ofMinutes(59));
		assertThat(this.watch.reads().failed()).as("at least one a second").isGreaterThan(3500);
		assertThat(this.recorder.ids()).hasSize(2);
		this.fleet.deregister(member("game", "game-1", 7001));
		this.failure.set(null);
		this.time.advance(Duration.ofSeconds(2));
		await().until(this.recorder::ids, List.of("game-2")::equals);
		assertThat(this.watch.status().state()).isEqualTo(State.UP);
		assertThat(absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		this.time.advance(EXPIRY.plusSeconds(10));
		await().until(() -> absence() == Absence.EVIDENCE);
	}

	@Test
	void whenAnErrorIsThrownThenHealthSaysSoAndTheNextReadComes() {
		this.failure.set(new NoClassDefFoundError("forced"));
		this.time.advance(Duration.ofSeconds(10));
		assertThat(this.watch.status().state()).isEqualTo(State.DOWN);
		assertThat(this.watch.status().reason()).contains("forced");
		this.fleet.register(member("game", "game-3", 7003));
		this.failure.set(null);
		this.time.advance(Duration.ofSeconds(2));
		await().until(() -> this.recorder.shows("game-1", "game-2", "game-3"));
	}

	private DiscoveryLoop loop() {
		return new DiscoveryLoop("virtual", this.time, this.time::nanoTime);
	}

	private Absence absence() {
		return this.recorder.last().views().get(0).absence();
	}

	/** A factory that is used as it is. */
	private final class FailingFactory extends LettuceConnectionFactory {

		FailingFactory(int port) {
			super(new RedisStandaloneConfiguration("127.0.0.1", port));
		}

		@Override
		public RedisConnection getConnection() {
			Throwable thrown = RedisWatchTests.this.failure.get();
			if (thrown instanceof RuntimeException exception) {
				throw exception;
			}
			if (thrown instanceof Error error) {
				throw error;
			}
			return super.getConnection();
		}

	}

}
