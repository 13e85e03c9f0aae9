package dev.backend.tcp;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A {@link TcpBackend} under random snapshots and servers that come and go: when all has
 * settled it is as the last snapshot says, and every event had its counterpart.
 */
final class RandomChanges implements AutoCloseable {

	/** One of them answers nothing, so that requests to it are pending when it goes. */
	private static final int SERVERS = 5;

	private final List<TestServer> servers = new ArrayList<>();

	private final boolean[] stopped = new boolean[SERVERS];

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final Map<String, DiscoveredInstance> desired = new TreeMap<>();

	private final Events events = new Events();

	private final Random random;

	private final RemovalMode mode;

	private final String description;

	private final @Nullable Integer unansweredPort;

	private long requests;

	/**
	 * Starts the servers.
	 * @param mode how instances are removed
	 * @param seed of all that is random
	 * @param unansweredPort where no dial is answered, or {@code null}
	 */
	RandomChanges(RemovalMode mode, long seed, @Nullable Integer unansweredPort) {
		this.mode = mode;
		this.description = mode + ", seed " + seed;
		this.random = new Random(seed);
		this.unansweredPort = unansweredPort;
		for (int i = 1; i < SERVERS; i++) {
			this.servers.add(TestServer.echo(""));
		}
		this.servers.add(TestServer.silent());
	}

	@Override
	public void close() {
		this.servers.forEach(TestServer::close);
	}

	/**
	 * Runs it.
	 * @param steps how many steps
	 */
	void run(int steps) {
		TcpTimings timings = TcpTimings.defaults();
		TcpSettings settings = TcpSettings.defaults()
			.withRemoval(this.mode)
			.withTimings(new TcpTimings(Duration.ofSeconds(1), timings.readyTimeout(), Duration.ofMillis(2),
					Duration.ofMillis(20), timings.stableAfter(), Duration.ofSeconds(2), Duration.ofMillis(20)))
			.withLimits(new TcpLimits(100, 1 << 20, 100, 100, 1 << 20, 2));
		TcpBackend<Frame> backend = TcpBackend.builder()
			.discovery(this.discovery)
			.settings(settings)
			.listener(this.events)
			.build(new Frame.Codec(), new RecordingHandler());
		try (backend) {
			backend.start();
			for (int step = 0; step < steps; step++) {
				step(backend);
			}
			settle(backend);
		}
		this.events.check(this.description);
	}

	private void step(TcpBackend<Frame> backend) {
		if (this.random.nextInt(100) == 0) {
			backend.stop();
			backend.start();
		}
		int server = this.random.nextInt(SERVERS);
		switch (this.random.nextInt(12)) {
			case 0, 1, 2 -> applySnapshot();
			case 3 -> this.servers.get(server).dropConnections();
			case 4 -> toggle(server);
			case 5 -> drainOrUndrain(backend);
			case 6 -> backend.services()
				.forEach((service) -> service.request(Frame.request(++this.requests, "x"), Duration.ofMillis(500)));
			case 7 -> this.servers.forEach(TestServer::dropConnections);
			case 8 -> suspendOrResume(backend);
			case 9 -> soon().until(() -> this.desired.isEmpty() || !backend.services().isEmpty());
			default -> backend.services().forEach((service) -> service.trySend(Frame.push("x")));
		}
	}

	private static ConditionFactory soon() {
		return await().atMost(Duration.ofSeconds(20)).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
	}

	private void drainOrUndrain(TcpBackend<Frame> backend) {
		for (TcpService<Frame> service : backend.services()) {
			boolean drain = this.random.nextBoolean();
			if (service.drained()) {
				unlessGone(() -> backend.undrain(service.name(), service.id()));
			}
			else if (drain) {
				unlessGone(() -> backend.drain("Game", service.id()));
			}
		}
	}

	private void suspendOrResume(TcpBackend<Frame> backend) {
		for (TcpService<Frame> service : backend.services()) {
			boolean suspend = this.random.nextBoolean();
			if (service.suspended()) {
				unlessGone(() -> backend.resume(service.name(), service.id()));
			}
			else if (suspend) {
				service.suspend();
			}
		}
	}

	/** Takes back what was drained or suspended. */
	private static void takeBackAll(TcpBackend<Frame> backend) {
		backend.drained().forEach((name, ids) -> ids.forEach((id) -> unlessGone(() -> backend.undrain(name, id))));
		backend.suspended().forEach((name, ids) -> ids.forEach((id) -> unlessGone(() -> backend.resume(name, id))));
		assertThat(backend.drained()).isEmpty();
		assertThat(backend.suspended()).isEmpty();
	}

	/** A service may go between the moment it is found and that of the call. */
	private static void unlessGone(Runnable call) {
		try {
			call.run();
		}
		catch (ServiceNotFoundException ex) {
			// It has.
		}
	}

	private void desire(String id, int port) {
		this.desired.put(id, InMemoryDiscovery.instance("game", id, port, this.random.nextBoolean() ? "eu" : "us"));
	}

	private void publish() {
		this.discovery.set(this.desired.values().toArray(new DiscoveredInstance[0]));
	}

	private void applySnapshot() {
		String id = "id-" + this.random.nextInt(5);
		if (this.random.nextInt(3) > 0) {
			Integer unanswered = this.unansweredPort;
			int port = (unanswered != null && this.random.nextInt(6) == 0) ? unanswered
					: this.servers.get(this.random.nextInt(SERVERS)).port();
			desire(id, port);
		}
		else {
			this.desired.remove(id);
		}
		publish();
	}

	private void toggle(int server) {
		if (this.stopped[server]) {
			// The port is free when the thread that accepted has noticed the end.
			soon().ignoreException(UncheckedIOException.class).until(() -> {
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
		soon().untilAsserted(() -> assertThat(backend.services()).as(this.description)
			.filteredOn(TcpService::suspended)
			.allMatch((service) -> service.state() == TcpState.SUSPENDED));
		this.desired.values()
			.stream()
			.filter((instance) -> Objects.equals(instance.port(), this.unansweredPort))
			.map(DiscoveredInstance::id)
			.toList()
			.forEach((id) -> desire(id, this.servers.get(0).port()));
		publish();
		for (int i = 0; i < SERVERS; i++) {
			if (this.stopped[i]) {
				toggle(i);
			}
			this.servers.get(i).dropConnections();
		}
		await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
			takeBackAll(backend);
			Map<String, String> present = new TreeMap<>();
			backend.services()
				.forEach((service) -> present.put(service.id(),
						service.config().port() + " " + service.config().tags() + " " + service.state()));
			if (!this.desired.keySet().containsAll(present.keySet())) {
				// A connection that was lost and made anew before its removal was seen
				// has to be lost again.
				this.servers.forEach(TestServer::dropConnections);
			}
			Map<String, String> expected = new TreeMap<>();
			this.desired.forEach((id, instance) -> expected.put(id,
					instance.port() + " [" + instance.metadata().get("routerTag") + "] READY"));
			assertThat(present).as(this.description).isEqualTo(expected);
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

		void check(String description) {
			assertThat(this.events).as(description).isNotEmpty();
			assertThat(this.events.values()).allSatisfy((told) -> assertThat(String.join(" ", told)).as(description)
				.matches("added( connected( ready)? disconnected)* removed"));
		}

	}

}
