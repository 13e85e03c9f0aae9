package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Servers on real sockets, a discovery that a test sets by hand, and backends that watch
 * it. All are closed after each test, the backends first.
 */
final class TcpFixture implements AfterEachCallback {

	/** Longer than anything takes that works. */
	static final Duration LONG = Duration.ofSeconds(20);

	static {
		Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
	}

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final RecordingHandler handler = new RecordingHandler();

	private final Deque<AutoCloseable> resources = new ArrayDeque<>();

	/** The defaults, but for short back-offs, drains and ticks. */
	static TcpSettings fast() {
		TcpTimings timings = TcpTimings.defaults();
		return TcpSettings.defaults()
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), Duration.ofMillis(10),
					Duration.ofMillis(50), timings.stableAfter(), Duration.ofSeconds(2), Duration.ofMillis(20),
					timings.idQuarantine()));
	}

	/** The default bounds, but for buffers that are soon full. */
	static TcpLimits smallBuffers() {
		TcpLimits limits = TcpLimits.defaults();
		return limits.withOutboundBytes(64 * 1024);
	}

	/** An instance of the service game. */
	static DiscoveredInstance instance(String id, TestServer server, String... tags) {
		return InMemoryDiscovery.instance("game", id, server.port(), tags);
	}

	InMemoryDiscovery discovery() {
		return this.discovery;
	}

	/** The handler of the backends that were given none. */
	RecordingHandler handler() {
		return this.handler;
	}

	void discover(DiscoveredInstance... instances) {
		this.discovery.set(instances);
	}

	/** Sees to it that a server is closed. */
	TestServer server(TestServer server) {
		this.resources.addLast(server);
		return server;
	}

	/** Sees to it that something is closed, after the backends. */
	void closeLast(AutoCloseable resource) {
		this.resources.addLast(resource);
	}

	/** A server that is discovered as the only instance, game-1. */
	TestServer discoveredServer(TestServer server) {
		server(server);
		discover(instance("game-1", server));
		return server;
	}

	TcpBackend<Frame> start() {
		return start(fast(), this.handler);
	}

	TcpBackend<Frame> start(TcpSettings settings, TcpHandler<Frame> handler, BackendListener... listeners) {
		return start(settings, new Frame.Codec(), handler, listeners);
	}

	TcpBackend<Frame> start(TcpSettings settings, MessageCodec<Frame> codec, TcpHandler<Frame> handler,
			BackendListener... listeners) {
		return start(codec, handler, (builder) -> {
			builder.settings(settings);
			for (BackendListener listener : listeners) {
				builder.listener(listener);
			}
		});
	}

	TcpBackend<Frame> start(MessageCodec<Frame> codec, TcpHandler<Frame> handler,
			Consumer<TcpBackend.Builder> customizer) {
		TcpBackend.Builder builder = TcpBackend.builder()
			.discovery(this.discovery)
			.settings(fast())
			.infoFactory((config) -> new AtomicInteger());
		customizer.accept(builder);
		TcpBackend<Frame> backend = builder.build(codec, handler);
		this.resources.addFirst(backend);
		backend.start();
		return backend;
	}

	/** Starts a backend and waits until these instances are ready. */
	TcpBackend<Frame> startWith(DiscoveredInstance... instances) throws InterruptedException {
		discover(instances);
		return ready(start());
	}

	/** Waits until all instances are ready, whatever fails before. */
	static TcpBackend<Frame> ready(TcpBackend<Frame> backend) throws InterruptedException {
		Awaitility.await().atMost(LONG).until(() -> backend.awaitReady(LONG));
		return backend;
	}

	@Override
	public void afterEach(ExtensionContext context) throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

}
