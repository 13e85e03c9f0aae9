package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The rare moments of a connection: full buffers, drains, and callbacks that come late.
 */
@Timeout(60)
class TcpConnectionTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private TestServer server(TestServer server) {
		this.resources.add(server);
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", server.port()));
		return server;
	}

	private TcpBackend<Frame> start(TcpSettings settings, TcpHandler<Frame> handler) throws Exception {
		return start(settings, handler, (builder) -> builder);
	}

	private TcpBackend<Frame> start(TcpSettings settings, TcpHandler<Frame> handler,
			UnaryOperator<TcpBackend.Builder> customizer) throws Exception {
		TcpBackend<Frame> backend = customizer.apply(TcpBackend.builder().discovery(this.discovery).settings(settings))
			.build(new Frame.Codec(), handler);
		this.resources.add(0, backend);
		backend.start();
		return backend;
	}

	private static TcpSettings settings(Duration drainTimeout, int outboundBytes) {
		TcpTimings timings = TcpTimings.defaults();
		TcpLimits limits = TcpLimits.defaults();
		return TcpSettings.defaults()
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), Duration.ofMillis(10),
					Duration.ofMillis(50), timings.stableAfter(), drainTimeout, Duration.ZERO))
			.withLimits(new TcpLimits(limits.queuedMessages(), outboundBytes, limits.pendingRequests(),
					limits.inboundMessages(), limits.frameBytes(), limits.concurrentDials()));
	}

	@Test
	void whenFlushEmptiesTheChannelAtOnceThenWhatWasHeldBackIsWrittenToo() throws Exception {
		TestServer server = server(TestServer.echo(""));
		TcpBackend<Frame> backend = start(settings(Duration.ofSeconds(2), 64 * 1024), new RecordingHandler());
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		String text = "x".repeat(1000);
		// Dependents run on the event loop: all are queued when the next write begins.
		service.request(Frame.request(1, ""), LONG).thenRun(() -> {
			for (int i = 0; i < 1000; i++) {
				service.send(Frame.push(text));
			}
		}).get();
		await().until(() -> server.received().size() == 1001);
		await().until(() -> service.queuedMessages() == 0);
	}

}
