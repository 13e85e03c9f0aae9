package dev.backend.tcp;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.ServiceNotFoundException;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link TcpBackend} under random snapshots and servers that come and go.
 */
@Timeout(120)
class RandomChangesTests {

	private static final int SERVERS = 4;

	private static final int STEPS = 250;

	private final List<TestServer> servers = new ArrayList<>();

	private final boolean[] stopped = new boolean[SERVERS];

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final Map<String, DiscoveredInstance> desired = new TreeMap<>();

	private final Events events = new Events();

	private final Random random = new Random(20_261_122);

	@AfterEach
	void closeServers() {
		this.servers.forEach(TestServer::close);
	}

	@ParameterizedTest
	@EnumSource
	void whenAllSettlesThenBackendIsAsTheLastSnapshotSaysAndEventsPair(RemovalMode mode) {
		for (int i = 0; i < SERVERS; i++) {
			this.servers.add(TestServer.echo(""));
		}
		TcpTimings timings = TcpTimings.defaults();
		TcpSettings settings = TcpSettings.defaults()
			.withRemoval(mode)
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), Duration.ofMillis(2),
					Duration.ofMillis(20), timings.stableAfter(), Duration.ofSeconds(2), Duration.ofMillis(20)))
			.withLimits(new TcpLimits(100, 1 << 20, 100, 100, 1 << 20, 2));
		TcpBackend<Frame> backend = TcpBackend.builder()
			.discovery(this.discovery)
			.settings(settings)
			.listener(this.events)
			.build(new Frame.Codec(), new RecordingHandler());
		try (backend) {
			backend.start();
			for (int step = 0; step < STEPS; step++) {
				step(backend);
			}
			settle(backend);
		}
		this.events.check();
	}

	private void step(TcpBackend<Frame> backend) {
		int server = this.random.nextInt(SERVERS);
		switch (this.random.nextInt(9)) {
			case 0, 1, 2 -> applySnapshot();
			case 3 -> this.servers.get(server).dropConnections();
			case 4 -> toggle(server);
			case 5 -> drainOrUndrain(backend);
			case 6 -> await().atMost(Duration.ofSeconds(20))
				.until(() -> this.desired.isEmpty() || !backend.services().isEmpty());
			default -> backend.services().forEach((service) -> service.trySend(Frame.push("x")));
		}
	}

	private void drainOrUndrain(TcpBackend<Frame> backend) {
		for (TcpService<Frame> service : backend.services()) {
			boolean drain = this.random.nextBoolean();
			try {
				if (service.drained()) {
					backend.undrain(service.name(), service.id());
				}
				else if (drain) {
					backend.drain("Game", service.id());
				}
			}
			catch (ServiceNotFoundException ex) {
				// It has gone since it was found.
			}
		}
	}

	private void applySnapshot() {
		String id = "id-" + this.random.nextInt(5);
		if (this.random.nextInt(3) > 0) {
			this.desired.put(id, InMemoryDiscovery.instance("game", id,
					this.servers.get(this.random.nextInt(SERVERS)).port(), this.random.nextBoolean() ? "eu" : "us"));
		}
		else {
			this.desired.remove(id);
		}
		this.discovery.set(this.desired.values().toArray(new DiscoveredInstance[0]));
	}

	private void toggle(int server) {
		if (this.stopped[server]) {
			// The port is free when the thread that accepted has noticed the end.
			await().ignoreException(UncheckedIOException.class).until(() -> {
				this.servers.get(server).restart();
				return true;
			});
		}
		else {
			this.servers.get(server).stop();
		}
		this.stopped[server] = !this.stopped[server];
	}

	private void settle(TcpBackend<Frame> backend) {
		backend.drained().forEach((name, ids) -> ids.forEach((id) -> backend.undrain(name, id)));
		for (int i = 0; i < SERVERS; i++) {
			if (this.stopped[i]) {
				toggle(i);
			}
			this.servers.get(i).dropConnections();
		}
		await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
			Map<String, String> present = new TreeMap<>();
			backend.services()
				.forEach((service) -> present.put(service.id(),
						service.config().port() + " " + service.config().tags() + " " + service.state()));
			Map<String, String> expected = new TreeMap<>();
			this.desired.forEach((id, instance) -> expected.put(id,
					instance.port() + " [" + instance.metadata().get("routerTag") + "] READY"));
			assertThat(present).isEqualTo(expected);
		});
	}

	/** What was told of each service object. */
	private static final class Events implements BackendListener {

		private final Map<BackendService, List<String>> events = new ConcurrentHashMap<>();

		private void add(BackendService service, String event) {
			this.events.computeIfAbsent(service, (key) -> new CopyOnWriteArrayList<>()).add(event);
		}

		@Override
		public void onAdded(BackendService service) {
			add(service, "added");
		}

		@Override
		public void onRemoved(BackendService service) {
			add(service, "removed");
		}

		@Override
		public void onConnected(BackendService service) {
			add(service, "connected");
		}

		@Override
		public void onReady(BackendService service) {
			add(service, "ready");
		}

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			add(service, "disconnected");
		}

		void check() {
			assertThat(this.events).isNotEmpty();
			assertThat(this.events.values()).allSatisfy((told) -> assertThat(String.join(" ", told))
				.matches("added( connected( ready)? disconnected)* removed"));
		}

	}

}
