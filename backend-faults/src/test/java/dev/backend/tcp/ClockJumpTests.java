package dev.backend.tcp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

import dev.backend.ServiceConfig;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisServerFixture;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.tcp.BackendProcess.Event;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A backend whose clock is set forward and back by an hour, where {@code FAKETIME_LIB} is
 * the path of libfaketime's {@code libfaketimeMT.so.1}. That nothing of the engine reads
 * the time of day is a rule of {@code ArchitectureTests}.
 */
@Timeout(180)
@EnabledIfEnvironmentVariable(named = ClockJumpTests.FAKETIME_LIB, matches = ".+")
@SlowTest
class ClockJumpTests {

	private static final Logger logger = LoggerFactory.getLogger(ClockJumpTests.class);

	static final String FAKETIME_LIB = "FAKETIME_LIB";

	/**
	 * Longer than a busy machine keeps a process waiting, and far shorter than a jump.
	 */
	private static final TcpLiveness LIVENESS = new TcpLiveness(Duration.ofMillis(300), Duration.ofSeconds(4),
			Duration.ofSeconds(4), Duration.ZERO, Duration.ofSeconds(4));

	private static final int INSTANCES = 20;

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final RedisServerFixture redis = RedisServerFixture.started();

	private final TestServer server = TestServer.echo("");

	private final RedisServiceRegistry registry = this.redis
		.closeLater(new RedisServiceRegistry(this.redis.connectionFactory(), RedisRegistrySettings.defaults("games")));

	@TempDir
	private Path folder;

	private @Nullable BackendProcess process;

	@AfterEach
	void close() {
		if (this.process != null) {
			this.process.close();
		}
		this.server.close();
		this.redis.close();
	}

	@Test
	void whenTheClockIsSetThenNoConnectionEndsAndTheViewFollows() throws IOException {
		Path offset = this.folder.resolve("offset");
		Files.writeString(offset, "+0");
		for (int i = 0; i < INSTANCES; i++) {
			register(i);
		}
		BackendProcess process = new BackendProcess(this.redis.port(), LIVENESS, environment(offset));
		this.process = process;
		await().atMost(PATIENCE).until(() -> process.count("ready") == INSTANCES);
		jump(process, offset, 3600, INSTANCES);
		jump(process, offset, -3600, INSTANCES + 1);
		jump(process, offset, 0, INSTANCES + 2);
		assertThat(process.count("disconnected")).as("%s", process.events()).isZero();
		assertThat(process.count("removed")).isZero();
		assertThat(process.isAlive()).isTrue();
	}

	/** Without the last one, a timed wait of the process may end at once. */
	private static Map<String, String> environment(Path offset) {
		return Map.of("LD_PRELOAD", System.getenv(FAKETIME_LIB), "FAKETIME_TIMESTAMP_FILE", offset.toString(),
				"FAKETIME_CACHE_DURATION", "1", "FAKETIME_DONT_FAKE_MONOTONIC", "1", "FAKETIME_FORCE_MONOTONIC_FIX",
				"0");
	}

	private void register(int instance) {
		this.registry.register(ServiceConfig.tcp("game", "game-" + instance, "127.0.0.1", this.server.port()));
	}

	/** Sets the clock, and waits longer than all time-outs. */
	private void jump(BackendProcess process, Path offset, long seconds, int next) throws IOException {
		Files.writeString(offset, "%+d".formatted(seconds));
		await().atMost(PATIENCE).until(() -> Math.abs(ahead(process) - seconds) < 60);
		long began = System.nanoTime();
		register(next);
		await().atMost(PATIENCE).until(() -> process.toldAt("ready game-" + next) != null);
		logger.info("clock set {} s off: a new instance is connected after {} ms", seconds,
				(Objects.requireNonNull(process.toldAt("ready game-" + next)) - began) / 1_000_000);
		int heard = this.server.received().size();
		await().pollDelay(LIVENESS.readIdleTimeout().plusSeconds(1))
			.atMost(PATIENCE)
			.until(() -> this.server.received().size() > heard + 3 * INSTANCES);
	}

	/** By how many seconds the clock of the process is ahead of ours. */
	private static long ahead(BackendProcess process) throws IOException {
		long before = process.count("time");
		process.askTime();
		await().atMost(PATIENCE).until(() -> process.count("time") > before);
		String last = process.events()
			.stream()
			.map(Event::text)
			.filter((text) -> text.startsWith("time "))
			.reduce((older, younger) -> younger)
			.orElseThrow();
		return (Long.parseLong(last.substring("time ".length())) - System.currentTimeMillis()) / 1000;
	}

}
