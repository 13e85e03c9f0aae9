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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A backend whose clock is set forward and back by an hour. Only where libfaketime is:
 * {@code -Dfaults.faketime=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1}. That
 * nothing of the engine reads the time of day is a rule of {@code ArchitectureTests}.
 */
@Timeout(180)
class ClockJumpTests {

	private static final Logger logger = LoggerFactory.getLogger(ClockJumpTests.class);

	private static final String LIBRARY = System.getProperty("faults.faketime", "");

	private static final TcpLiveness LIVENESS = new TcpLiveness(Duration.ofMillis(300), Duration.ofMillis(1500),
			Duration.ofSeconds(2), Duration.ofSeconds(2));

	private static final int INSTANCES = 20;

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final RedisServerFixture redis = RedisServerFixture.started();

	private final TestServer server = TestServer.echo("");

	private final RedisServiceRegistry registry = this.redis
		.closeLater(new RedisServiceRegistry(this.redis.connectionFactory(), RedisRegistrySettings.of("games")));

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
		assumeTrue(Files.exists(Path.of(LIBRARY)) && !LIBRARY.isEmpty(), "no libfaketime");
		Path offset = this.folder.resolve("offset");
		Files.writeString(offset, "+0");
		for (int i = 0; i < INSTANCES; i++) {
			register(i);
		}
		BackendProcess process = new BackendProcess(this.redis.port(), LIVENESS,
				Map.of("LD_PRELOAD", LIBRARY, "FAKETIME_TIMESTAMP_FILE", offset.toString(), "FAKETIME_NO_CACHE", "1",
						"FAKETIME_DONT_FAKE_MONOTONIC", "1", "DONT_FAKE_MONOTONIC", "1"));
		this.process = process;
		await().atMost(PATIENCE).until(() -> process.count("ready") == INSTANCES);
		jump(process, offset, 3600, INSTANCES);
		jump(process, offset, -3600, INSTANCES + 1);
		jump(process, offset, 0, INSTANCES + 2);
		assertThat(process.count("disconnected")).as("%s", process.events()).isZero();
		assertThat(process.count("removed")).isZero();
		assertThat(process.isAlive()).isTrue();
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
		await().pollDelay(LIVENESS.readIdleTimeout().multipliedBy(2))
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
