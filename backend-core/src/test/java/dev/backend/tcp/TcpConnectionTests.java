package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

import dev.backend.RemovalMode;
import dev.backend.Route;
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

	@Test
	void whenHeldMessagesAreWrittenDuringADrainThenTheConnectionClosesAtOnce() throws Exception {
		TestServer server = server(TestServer.silent());
		TcpBackend<Frame> backend = start(settings(Duration.ofSeconds(15), 64 * 1024).withRemoval(RemovalMode.DRAIN),
				new RecordingHandler());
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		server.stopReading();
		String text = "x".repeat(100_000);
		while (service.queuedMessages() < 100) {
			service.trySend(Frame.push(text));
		}
		this.discovery.set();
		await().until(() -> service.state() == TcpState.DRAINING);
		server.resumeReading();
		await().until(() -> service.state() == TcpState.CLOSED);
	}

	@Test
	void whenMarkedReadyByAMessageOfTheLastConnectionThenThePresentOneIsNot() throws Exception {
		TestServer server = server(new TestServer((socket, frame) -> TestServer.send(socket,
				(frame.kind() == Frame.REQUEST) ? frame.reply("") : Frame.push("welcome"))));
		AtomicInteger connections = new AtomicInteger();
		CountDownLatch reconnected = new CountDownLatch(1);
		CompletableFuture<TcpState> second = new CompletableFuture<>();
		start(settings(Duration.ofSeconds(2), 64 * 1024), new TcpHandler<>() {
			@Override
			public void onConnected(TcpService<Frame> service) {
				if (connections.incrementAndGet() == 1) {
					service.send(Frame.push("login"));
				}
				else {
					// A round trip, behind everything that came before on the event loop.
					service.request(Frame.request(1, ""), LONG).join();
					second.complete(service.state());
				}
			}

			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				server.dropConnections();
				await().until(() -> service.counters().connects() == 2);
				await().until(() -> service.state() == TcpState.CONNECTED);
				service.markReady();
			}

			@Override
			public boolean marksReady() {
				return true;
			}
		});
		assertThat(second).succeedsWithin(LONG).isEqualTo(TcpState.CONNECTED);
	}

	@Test
	void whenClosedByAnInterruptedThreadThenEverythingIsClosedAllTheSame() throws Exception {
		TestServer server = server(TestServer.silent());
		TcpBackend<Frame> backend = start(settings(Duration.ofSeconds(2), 64 * 1024), new RecordingHandler(),
				(builder) -> builder.name("interrupted"));
		assertThat(backend.awaitReady(LONG)).isTrue();
		Thread.currentThread().interrupt();
		backend.close();
		assertThat(Thread.interrupted()).isTrue();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("interrupted-")));
		await().until(() -> server.connections().isEmpty());
	}

	@Test
	void whenManyMessagesWaitAtCloseThenTheLastCallbacksStillRun() throws Exception {
		TestServer server = server(TestServer.silent());
		CountDownLatch closing = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				closing.await();
				super.onMessage(service, message);
			}
		};
		TcpBackend<Frame> backend = start(settings(Duration.ofSeconds(2), 64 * 1024), handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		for (int i = 0; i < 600; i++) {
			server.sendToAll(Frame.push(""));
		}
		await().until(() -> backend.group("game").counters().receivedMessages() == 600);
		Thread closer = new Thread(backend::close);
		closer.start();
		await().until(() -> List.of(closer.getStackTrace())
			.stream()
			.anyMatch((frame) -> frame.getMethodName().equals("awaitTermination")));
		closing.countDown();
		closer.join();
		assertThat(handler.messages).hasSize(600);
		assertThat(handler.calls).endsWith("disconnected game-1");
	}

	@Test
	void whenInfoFactoryFailsWithAnErrorThenOnlyTheInfoIsMissing() throws Exception {
		TestServer server = server(TestServer.echo(""));
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", server.port()),
				InMemoryDiscovery.instance("game", "game-2", server.port()));
		TcpBackend<Frame> backend = start(settings(Duration.ofSeconds(2), 64 * 1024), new RecordingHandler(),
				(builder) -> builder.infoFactory((config) -> {
					if (config.id().equals("game-1")) {
						throw new NoClassDefFoundError("forced");
					}
					return "info";
				}));
		await().until(() -> backend.findService("game", "game-2") != null);
		assertThat(backend.awaitReady(LONG)).isTrue();
		assertThat(backend.group("game").services()).hasSize(2);
		assertThat(backend.select("game", Route.any()).state()).isEqualTo(TcpState.READY);
	}

}
