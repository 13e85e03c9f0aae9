package dev.backend.tcp;

import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static dev.backend.tcp.DispatchFixture.assertOrder;
import static dev.backend.tcp.DispatchFixture.push;
import static dev.backend.tcp.DispatchFixture.settings;
import static dev.backend.tcp.TcpFixture.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * How messages stand to the begin, the readiness and the end of their connection, with
 * each {@link DispatchMode}.
 */
@Timeout(60)
class DispatchConnectionTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final DispatchFixture dispatch = new DispatchFixture(this.tcp);

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void connectedIsDoneBeforeTheFirstMessageAndDisconnectedComesAfterTheLast(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch connected = new CountDownLatch(1);
		CountDownLatch handle = new CountDownLatch(1);
		Queue<String> events = new ConcurrentLinkedQueue<>();
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) throws Exception {
				if (connection.service().counters().connects() == 1) {
					connected.await();
				}
				events.add("connected");
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				events.add("begin");
				handle.await();
				events.add("end");
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				events.add("disconnected");
			}
		};
		BackendListener listener = new BackendListener() {
			@Override
			public void onConnected(BackendService service) {
				events.add("listener connected");
			}

			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				events.add("listener disconnected");
			}
		};
		TcpBackend<Frame> backend = this.tcp.start(settings(mode), this.dispatch.codec(), handler, listener);
		await().until(() -> !server.connections().isEmpty() && backend.findService("game", "game-1") != null);
		TcpService<Frame> service = backend.getService("game", "game-1");
		push(server, 100);
		await().until(() -> service.counters().receivedMessages() == 100);
		assertThat(events).containsExactly("listener connected");
		connected.countDown();
		await().until(() -> events.contains("begin"));
		server.dropConnections();
		await().until(() -> service.counters().disconnects() == 1);
		assertThat(events).doesNotContain("end", "disconnected");
		handle.countDown();
		await().until(() -> service.state() == TcpState.READY);
		push(server, 50);
		await().until(() -> events.size() == 2 + 200 + 2 + 2 + 100);
		List<String> all = List.copyOf(events);
		assertThat(all.subList(0, 2)).containsExactly("listener connected", "connected");
		assertThat(all.subList(2, 202)).containsOnly("begin", "end");
		assertThat(all.subList(202, 206)).containsExactly("disconnected", "listener disconnected", "listener connected",
				"connected");
		assertThat(all.subList(206, 306)).containsOnly("begin", "end");
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "ORDERED")
	void whenMessageBlocksThenReadyIsToldAndOthersRunAllTheSame(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		Queue<String> events = new ConcurrentLinkedQueue<>();
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				if (message.text().equals("0:0")) {
					connection.markReady();
					release.await();
				}
				events.add(message.text());
			}

			@Override
			public boolean marksReady() {
				return true;
			}
		};
		this.tcp.start(settings(mode), this.dispatch.codec(), handler, new BackendListener() {
			@Override
			public void onReady(BackendService service) {
				events.add("ready");
			}

			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				events.add("disconnected");
			}
		});
		server.sendToAll(Frame.push("0:0"));
		await().until(() -> events.contains("ready"));
		server.sendToAll(Frame.push("1:1"));
		await().until(() -> events.contains("1:1"));
		server.dropConnections();
		release.countDown();
		await().until(() -> events.contains("disconnected"));
		assertThat(events).containsSubsequence("ready", "1:1", "0:0", "disconnected");
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenBackendIsClosedWhileMessagesWaitThenEachIsHandledOnceAndDisconnectedComesLast(DispatchMode mode)
			throws Exception {
		for (long seed = 1; seed <= 8; seed++) {
			closeWhileMessagesWait(mode, new SplittableRandom(seed));
		}
	}

	private void closeWhileMessagesWait(DispatchMode mode, SplittableRandom random) throws Exception {
		TestServer server = this.tcp.discoveredServer(new TestServer((socket, frame) -> sendForever(socket)));
		int closeAfter = 1 + random.nextInt(3_000);
		RecordingHandler handler = new RecordingHandler() {
			private final AtomicInteger begun = new AtomicInteger();

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				if (this.begun.incrementAndGet() % 64 == 0) {
					Thread.yield();
				}
				super.onMessage(connection, message);
			}
		};
		this.dispatch.codec().decoded().set(0);
		int threads = 1 + random.nextInt(4);
		TcpSettings settings = settings(mode, 100 + random.nextInt(900), Duration.ofMillis(1));
		TcpBackend<Frame> backend = this.tcp.start(this.dispatch.codec(), handler,
				(builder) -> builder.settings(settings).handlerThreads(threads));
		assertThat(backend.awaitReady(LONG)).isTrue();
		backend.send("game", "game-1", Frame.push("go"));
		await().until(() -> this.dispatch.codec().decoded().get() >= closeAfter);
		backend.close();
		assertThat(handler.messages).hasSize(this.dispatch.codec().decoded().get());
		assertThat(handler.messages).extracting(KeyedCodec::numberOf).doesNotHaveDuplicates();
		assertOrder(mode, handler.messages);
		assertThat(handler.calls).startsWith("connected game-1").endsWith("disconnected game-1");
	}

	private static void sendForever(Socket socket) {
		for (int i = 0;; i++) {
			TestServer.send(socket, Frame.push("%d:%d".formatted(i % 5, i)));
		}
	}

}
