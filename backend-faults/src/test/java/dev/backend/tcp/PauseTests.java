package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.backend.ServiceConfig;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisServerFixture;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.discovery.redis.Registration;
import dev.backend.tcp.BackendProcess.Event;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A backend whose process stands still for longer than all its time-outs. The build's
 * pause is short, and so are the time-outs; 10 s and the defaults:
 * {@code -Dfaults.long=true}.
 */
@Timeout(180)
@SlowTest
class PauseTests {

	private static final Logger logger = LoggerFactory.getLogger(PauseTests.class);

	private static final boolean LONG = Boolean.getBoolean("faults.long");

	private static final Duration PAUSE = LONG ? Duration.ofSeconds(10) : Duration.ofSeconds(6);

	/** Longer than a busy machine keeps a process waiting, and shorter than the pause. */
	private static final TcpLiveness LIVENESS = LONG ? defaults() : new TcpLiveness(Duration.ofMillis(300),
			Duration.ofSeconds(4), Duration.ofSeconds(4), Duration.ZERO, Duration.ofSeconds(4));

	private static final int SERVERS = 5;

	private static final int INSTANCES = 50;

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final RedisServerFixture redis = RedisServerFixture.started();

	private final List<TestServer> servers = IntStream.range(0, SERVERS).mapToObj((i) -> TestServer.echo("")).toList();

	private final ScheduledExecutorService heartbeats = Executors.newSingleThreadScheduledExecutor();

	private final Map<Integer, Registration> registrations;

	private final RedisServiceRegistry registry;

	private @Nullable BackendProcess process;

	PauseTests() {
		this.registry = this.redis.closeLater(
				new RedisServiceRegistry(this.redis.connectionFactory(), RedisRegistrySettings.defaults("games")));
		this.registrations = IntStream.range(0, INSTANCES).boxed().collect(Collectors.toMap((i) -> i, this::register));
	}

	private static TcpLiveness defaults() {
		TcpLiveness defaults = TcpLiveness.defaults();
		return new TcpLiveness(defaults.heartbeatInterval(), defaults.heartbeatTimeout(), defaults.heartbeatTimeout(),
				Duration.ZERO, defaults.writeProgressTimeout());
	}

	private Registration register(int instance) {
		return this.registry.register(ServiceConfig.tcp("game", "game-" + instance, "127.0.0.1",
				this.servers.get(instance % SERVERS).port()));
	}

	@AfterEach
	void close() {
		this.heartbeats.shutdownNow();
		if (this.process != null) {
			this.process.close();
		}
		this.servers.forEach(TestServer::close);
		this.redis.close();
	}

	@Test
	void whenTheProcessStandsStillThenOnlyThePeersEndConnectionsAndTheViewIsSoonRight() throws Exception {
		BackendProcess process = new BackendProcess(this.redis.port(), LIVENESS, Map.of());
		this.process = process;
		await().atMost(PATIENCE).until(() -> process.count("ready") == INSTANCES);
		// Seldom enough that the backend sends heartbeats, too.
		long interval = LIVENESS.heartbeatInterval().multipliedBy(3).dividedBy(2).toMillis();
		this.heartbeats.scheduleAtFixedRate(this::heartbeat, 0, interval, TimeUnit.MILLISECONDS);
		// It has checked its peers, and sent heartbeats.
		await().atMost(PATIENCE).until(() -> this.servers.get(0).received().size() > 2 * INSTANCES / SERVERS);
		Set<Object> before = connections(1, 2, 3);
		process.pause();
		pass(PAUSE.dividedBy(2));
		// They have given it up.
		this.servers.get(4).dropConnections();
		Objects.requireNonNull(this.registrations.get(0)).close();
		register(INSTANCES);
		pass(PAUSE.dividedBy(2));
		process.resume();
		long resumed = System.nanoTime();
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(process.events()).extracting(Event::text)
				.contains("removed game-0", "added game-" + INSTANCES, "ready game-" + INSTANCES));
		await().atMost(PATIENCE).until(() -> process.count("ready") >= INSTANCES + 1 + INSTANCES / SERVERS);
		logger.info(
				"after a pause of {} the new instance was there after {} ms and the old one gone after {} ms "
						+ "(promised: 1 s)",
				PAUSE, millis(process, resumed, "added game-" + INSTANCES), millis(process, resumed, "removed game-0"));
		// As long as it would take to give up a peer that is silent since.
		pass(LIVENESS.writeProgressTimeout().plus(LIVENESS.heartbeatInterval()));
		assertThat(process.isAlive()).isTrue();
		assertThat(disconnected(process)).isEqualTo(ended());
		assertThat(connections(1, 2, 3)).isEqualTo(before);
	}

	private void heartbeat() {
		this.servers.forEach((server) -> server.connections().forEach((socket) -> {
			try {
				TestServer.send(socket, Frame.push("heartbeat"));
			}
			catch (RuntimeException ex) {
				// It was dropped.
			}
		}));
	}

	private static void pass(Duration duration) {
		await().pollDelay(duration).atMost(duration.plusSeconds(10)).until(() -> true);
	}

	private static long millis(BackendProcess process, long since, String event) {
		return (Objects.requireNonNull(process.toldAt(event)) - since) / 1_000_000;
	}

	/** The ids whose server ended the connection, and the one that was taken away. */
	private static Set<String> ended() {
		Set<String> ended = new HashSet<>();
		ended.add("game-0");
		for (int i = SERVERS - 1; i < INSTANCES; i += SERVERS) {
			ended.add("game-" + i);
		}
		return ended;
	}

	private static Set<String> disconnected(BackendProcess process) {
		return process.events()
			.stream()
			.map(Event::text)
			.filter((text) -> text.startsWith("disconnected "))
			.map((text) -> text.substring("disconnected ".length()).split(":")[0])
			.collect(Collectors.toSet());
	}

	/** The servers' ends of the connections; each new one is another object. */
	private Set<Object> connections(int... servers) {
		List<Object> connections = new ArrayList<>();
		for (int server : servers) {
			connections.addAll(this.servers.get(server).connections());
		}
		return Set.copyOf(connections);
	}

}
