package dev.backend.tcp;

import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.ServiceNotFoundException;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A {@link TcpBackend} under random snapshots, servers that come and go and handlers that
 * are busy: when all has settled it is as the last snapshot says, every event had its
 * counterpart, and no connection has met another one of its service
 * ({@link ConnectionRules}).
 */
final class RandomChanges implements AutoCloseable {

	/** One of them answers nothing, so that requests to it are pending when it goes. */
	private static final int SERVERS = 5;

	private static final int IDS = 5;

	private static final int INBOUND_MESSAGES = 100;

	private final List<TestServer> servers = new ArrayList<>();

	private final boolean[] stopped = new boolean[SERVERS];

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final Map<String, DiscoveredInstance> desired = new TreeMap<>();

	private final Events events = new Events();

	private final ConnectionRules rules = new ConnectionRules();

	private final ExecutorService handlerThreads = Executors.newFixedThreadPool(4);

	private final Random random;

	private final RemovalMode mode;

	private final String description;

	private final @Nullable Integer unansweredPort;

	private long requests;

	private int strangers;

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
			this.servers.add(this.rules.answeringServer());
		}
		this.servers.add(this.rules.silentServer());
	}

	@Override
	public void close() {
		this.servers.forEach(TestServer::close);
		this.handlerThreads.shutdownNow();
	}

	/**
	 * Runs it.
	 * @param steps how many steps
	 * @return how many connections ended before their callbacks began
	 */
	long run(int steps) {
		TcpTimings timings = TcpTimings.defaults();
		TcpSettings settings = TcpSettings.defaults()
			.withRemoval(this.mode)
			.withTimings(new TcpTimings(Duration.ofSeconds(1), timings.readyTimeout(), Duration.ofMillis(2),
					Duration.ofMillis(20), timings.stableAfter(), Duration.ofSeconds(2), Duration.ofMillis(20),
					timings.idQuarantine()))
			.withLimits(TcpLimits.defaults()
				.withQueuedMessages(100)
				.withOutboundBytes(1 << 20)
				.withPendingRequests(100)
				.withInboundMessages(INBOUND_MESSAGES)
				.withConcurrentDials(2));
		FixedResolver resolver = new FixedResolver(NetUtil.createInetAddressFromIpAddressString("127.0.0.2"),
				NetUtil.createInetAddressFromIpAddressString("127.0.0.1"));
		TcpBackend<Frame> backend = TcpBackend.builder()
			.discovery(this.discovery)
			.settings(settings)
			.clientCustomizer((client) -> client.resolver(resolver))
			.listener(this.events)
			.handlerExecutor((callback) -> this.handlerThreads.execute(() -> this.rules.run(callback)))
			.build(new Frame.Codec(), this.rules);
		try (backend) {
			backend.start();
			for (int step = 0; step < steps; step++) {
				step(backend);
			}
			settle(backend);
		}
		this.events.check(this.description);
		this.rules.check(this.description);
		return this.rules.skipped();
	}

	private void step(TcpBackend<Frame> backend) {
		if (this.random.nextInt(100) == 0) {
			backend.stop();
			backend.start();
		}
		int server = this.random.nextInt(SERVERS);
		switch (this.random.nextInt(17)) {
			case 0, 1, 2 -> applySnapshot();
			case 3 -> this.servers.get(server).dropAnyConnections();
			case 4 -> toggle(server);
			case 5 -> drainOrUndrain(backend);
			case 6 -> backend.services()
				.forEach((service) -> service.request(Frame.request(++this.requests, "x"), Duration.ofMillis(500)));
			case 7 -> this.servers.forEach(TestServer::dropAnyConnections);
			case 8 -> soon().until(() -> this.desired.isEmpty() || !backend.services().isEmpty());
			case 9 -> dropWhileHandlersAreBusy(backend);
			case 10 -> this.rules.sendByGoneConnections();
			case 11 -> changeDispatch(backend);
			case 12 -> this.servers.get(server).connections().forEach(this::speak);
			case 13 -> perhaps(() -> backend.services()
				.stream()
				.allMatch((service) -> service.state() == TcpState.READY || service.drained() || service.suspended()));
			case 14 -> suspendOrResume(backend);
			default -> sendToAll(backend);
		}
	}

	/**
	 * Connections come up, and end before a thread is there for their callbacks. Those of
	 * new instances, for one: a known one would wait for the callbacks of its last one.
	 */
	private void dropWhileHandlersAreBusy(TcpBackend<Frame> backend) {
		String stranger = "stranger-" + this.strangers++;
		this.rules.hold();
		try {
			for (int round = 0; round < 2; round++) {
				desire("id-" + this.random.nextInt(IDS), this.servers.get(this.random.nextInt(SERVERS)).port());
				desire(stranger + "-" + round, this.servers.get(this.random.nextInt(SERVERS)).port());
				publish();
				perhaps(() -> backend.services().stream().anyMatch((service) -> service.state() == TcpState.CONNECTED));
				sendToAll(backend);
				long disconnects = this.rules.disconnects();
				this.servers.forEach((server) -> server.connections().forEach(this::speak));
				this.servers.forEach(TestServer::dropAnyConnections);
				perhaps(() -> this.rules.disconnects() > disconnects);
			}
		}
		finally {
			this.rules.release();
		}
		this.desired.keySet().removeIf((id) -> id.startsWith(stranger));
		publish();
	}

	/** More than may wait for the handler, or fewer. */
	private void speak(Socket socket) {
		ByteBuf news = Unpooled.buffer();
		for (int left = this.random.nextInt(2 * INBOUND_MESSAGES); left > 0; left--) {
			Frame.write(ConnectionRules.NEWS, news);
		}
		try {
			TestServer.send(socket, ByteBufUtil.getBytes(news));
		}
		catch (UncheckedIOException ex) {
			// It is gone.
		}
	}

	/** Waits for a moment only: it may never be so. */
	private static void perhaps(BooleanSupplier condition) {
		long deadline = System.nanoTime() + Duration.ofMillis(20).toNanos();
		while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
			Thread.yield();
		}
	}

	private void changeDispatch(TcpBackend<Frame> backend) {
		DispatchMode[] modes = DispatchMode.values();
		backend.settings(backend.settings().withDispatch(modes[this.random.nextInt(modes.length)]));
	}

	private static void sendToAll(TcpBackend<Frame> backend) {
		backend.services().forEach((service) -> service.trySend(Frame.push("x")));
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

	/** At an address, or at a name of which the first address refuses. */
	private void desire(String id, int port) {
		String host = this.random.nextBoolean() ? "127.0.0.1" : "two.addresses";
		String tag = this.random.nextBoolean() ? "eu" : "us";
		this.desired.put(id, new DiscoveredInstance("game", id, ServiceConfig.SCHEME_TCP, host, port, List.of(),
				Map.of("routerTag", tag)));
	}

	private void publish() {
		this.discovery.set(this.desired.values().toArray(new DiscoveredInstance[0]));
	}

	private void applySnapshot() {
		String id = "id-" + this.random.nextInt(IDS);
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
			this.servers.get(i).dropAnyConnections();
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
				this.servers.forEach(TestServer::dropAnyConnections);
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

		/** As an application may keep it. */
		private final Map<String, BackendService> byId = new ConcurrentHashMap<>();

		private final Queue<String> failures = new ConcurrentLinkedQueue<>();

		private void add(BackendService service, String event) {
			this.events.computeIfAbsent(service, (key) -> new CopyOnWriteArrayList<>()).add(event);
		}

		@Override
		public void onAdded(BackendService service) {
			add(service, "added");
			if (this.byId.put(service.id(), service) != null) {
				this.failures.add("added beside another one: " + service);
			}
		}

		@Override
		public void onRemoved(BackendService service) {
			add(service, "removed");
			if (!this.byId.remove(service.id(), service)) {
				this.failures.add("removed, but not the one of its id: " + service);
			}
		}

		@Override
		public void onMoved(BackendService service, ServiceConfig from) {
			add(service, "moved");
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
				.matches("added( moved| connected( ready)? disconnected)* removed"));
			assertThat(this.events.values()).as(description).anyMatch((told) -> told.contains("moved"));
			assertThat(this.failures).as(description).isEmpty();
			assertThat(this.byId).as(description).isEmpty();
		}

	}

}
