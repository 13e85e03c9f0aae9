package dev.backend.tcp;

import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.discovery.InMemoryDiscovery;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static dev.backend.tcp.DispatchFixture.settings;
import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * One connection of a service after another: each with its own callbacks, logins and
 * answers, and none before those of the last one have returned.
 */
@Timeout(60)
class TcpConnectionLifeTests {

	private static final Frame LOGIN = Frame.push("0:0");

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final KeyedCodec codec = new KeyedCodec();

	private TcpBackend<Frame> start(DispatchMode mode, int handlerThreads, TcpHandler<Frame> handler,
			BackendListener... listeners) {
		return this.tcp.start(this.codec, handler, (builder) -> {
			builder.settings(settings(mode)).handlerThreads(handlerThreads);
			for (BackendListener listener : listeners) {
				builder.listener(listener);
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void whenItsConnectionIsGoneThenWhatAHandlerAnswersIsRefusedAndNeverSentByTheNext(DispatchMode mode)
			throws Exception {
		FramesBySocket received = new FramesBySocket();
		TestServer server = this.tcp.discoveredServer(new TestServer((socket, frame) -> {
			received.add(socket, frame);
			if (frame.kind() == Frame.REQUEST) {
				TestServer.send(socket, frame.reply(""));
			}
			else if (received.sockets() == 1 && frame.equals(LOGIN)) {
				for (int question = 1; question <= 3; question++) {
					TestServer.send(socket, Frame.push(question + ":" + question));
				}
				TestServer.end(socket);
			}
		}));
		Queue<TcpConnection<Frame>> connections = new ConcurrentLinkedQueue<>();
		List<SendResult> answers = new CopyOnWriteArrayList<>();
		TcpBackend<Frame> backend = start(mode, 8, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connections.add(connection);
				connection.send(LOGIN);
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame question) {
				await().until(() -> !connection.isActive());
				answers.add(connection.trySend(question));
				answers.add(connection.trySendBytes(new byte[] { 1 }));
				answers.add(connection.service().trySend(question));
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				answers.add(connection.trySend(Frame.push("4:4")));
				answers.add(connection.service().trySend(Frame.push("4:4")));
			}
		});
		await().until(() -> connections.size() == 2);
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.state() == TcpState.READY);
		TcpConnection<Frame> gone = connections.element();
		assertThat(answers).hasSize(3 * 3 + 2).containsOnly(SendResult.NOT_CONNECTED);
		assertThat(gone.trySend(Frame.push("5:5"))).isEqualTo(SendResult.NOT_CONNECTED);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> gone.send(Frame.push("5:5")))
			.withMessageContaining("game/game-1 at 127.0.0.1:" + server.port())
			.withMessageContaining(": the connection " + gone.link().name() + " is gone");
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> gone.request(Frame.request(5, "5:5"), LONG).join())
			.withCauseInstanceOf(SendRejectedException.class);
		// A round trip, behind all that was accepted before.
		service.request(Frame.request(6, "6:6"), LONG).join();
		assertThat(received.of(0)).containsExactly(LOGIN);
		assertThat(received.of(1)).containsExactly(LOGIN, Frame.request(6, "6:6"));
		assertThat(received.sockets()).isEqualTo(2);
	}

	@ParameterizedTest
	@EnumSource
	void whenConnectionIsGoneBeforeItsOnConnectedBeganThenItIsSkippedWithItsMessages(DispatchMode mode)
			throws Exception {
		TestServer busy = this.tcp.server(TestServer.silent());
		FramesBySocket received = new FramesBySocket();
		TestServer server = this.tcp.server(new TestServer((socket, frame) -> {
			received.add(socket, frame);
			if (frame.kind() == Frame.REQUEST) {
				TestServer.send(socket, frame.reply(""));
			}
		}));
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		List<String> calls = new CopyOnWriteArrayList<>();
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				calls.add("connected " + connection.service().name());
				connection.send(LOGIN);
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				calls.add("message " + connection.service().name());
				if (connection.service().name().equals("busy")) {
					blocked.countDown();
					release.await();
				}
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				calls.add("disconnected " + connection.service().name());
			}
		};
		List<String> told = new CopyOnWriteArrayList<>();
		BackendListener listener = new BackendListener() {
			@Override
			public void onConnected(BackendService service) {
				told.add("connected " + service.name());
			}

			@Override
			public void onReady(BackendService service) {
				told.add("ready " + service.name());
			}

			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				told.add("disconnected " + service.name());
			}
		};
		this.tcp.discover(InMemoryDiscovery.instance("busy", "busy-1", busy.port()));
		TcpBackend<Frame> backend = TcpFixture.ready(start(mode, 1, handler, listener));
		busy.sendToAll(Frame.push("1:1"));
		blocked.await();
		this.tcp.discover(InMemoryDiscovery.instance("busy", "busy-1", busy.port()), instance("game-1", server));
		await().until(() -> backend.findGroup("game") != null);
		TcpService<Frame> service = backend.getService("game", "game-1");
		TcpCounters counters = service.counters();
		await().until(() -> counters.connects() == 1);
		for (int message = 2; message <= 4; message++) {
			server.sendToAll(Frame.push(message + ":" + message));
		}
		await().until(() -> counters.receivedMessages() == 3);
		server.dropConnections();
		await().until(() -> counters.disconnects() == 1);
		release.countDown();
		await().until(() -> service.state() == TcpState.READY);
		service.request(Frame.request(5, "5:5"), LONG).join();
		await().until(() -> told.contains("ready game"));
		assertThat(calls).filteredOn((call) -> call.endsWith(" game")).containsExactly("connected game");
		assertThat(told).filteredOn((event) -> event.endsWith(" game"))
			.containsExactly("connected game", "disconnected game", "connected game", "ready game");
		assertThat(received.all()).containsExactly(List.of(LOGIN, Frame.request(5, "5:5")));
		assertThat(counters.skippedConnections()).isEqualTo(1);
		assertThat(counters.unhandledMessages()).isEqualTo(3);
		assertThat(counters.connects()).isEqualTo(2);
		assertThat(service.backlog().size()).isZero();
	}

	@ParameterizedTest
	@EnumSource
	void whenManyMessagesWaitAtTheEndOfAConnectionThenOneOtherFollowsWhenAllIsDone(DispatchMode mode) {
		int messages = 400;
		RestlessService restless = new RestlessService(this.tcp);
		AtomicInteger logins = new AtomicInteger();
		TestServer server = this.tcp.server(new TestServer((socket, frame) -> {
			if (frame.kind() == Frame.REQUEST) {
				TestServer.send(socket, frame.reply(""));
			}
			else if (logins.incrementAndGet() == 1) {
				for (int number = 0; number < messages; number++) {
					TestServer.send(socket, Frame.push("%d:%d".formatted(number % 5, number)));
				}
				TestServer.end(socket);
			}
		}));
		this.tcp.discover(restless.instance(), instance("game-1", server));
		CompletableFuture<TcpBackend<Frame>> started = new CompletableFuture<>();
		AtomicInteger handled = new AtomicInteger();
		List<Long> dials = new CopyOnWriteArrayList<>();
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.send(LOGIN);
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				if (KeyedCodec.numberOf(message) % 200 == 0) {
					await().until(() -> connection.service().counters().disconnects() == 1);
					RestlessService.awaitReconnects(started.join());
					dials.add(connection.service().counters().dials());
				}
				handled.incrementAndGet();
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				if (connection.service().name().equals("game") && dials.size() == 2) {
					assertThat(handled).hasValue(messages);
					RestlessService.awaitReconnects(started.join());
					dials.add(connection.service().counters().dials());
				}
			}
		};
		TcpBackend<Frame> backend = start(mode, 8, handler);
		started.complete(backend);
		await().until(() -> dials.size() == 3);
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.state() == TcpState.READY);
		service.request(Frame.request(1, "1:1"), LONG).join();
		RestlessService.awaitReconnects(backend);
		assertThat(dials).containsExactly(1L, 1L, 1L);
		assertThat(service.counters().connects()).isEqualTo(2);
		assertThat(service.counters().dials()).isEqualTo(2);
		assertThat(service.counters().handlerErrors()).isZero();
		assertThat(service.counters().unhandledMessages()).isZero();
		assertThat(logins).hasValue(2);
	}

	@ParameterizedTest
	@EnumSource
	void whenBackendIsClosedWhileLastCallbacksRunThenNoOtherConnectionFollows(DispatchMode mode) throws Exception {
		RestlessService restless = new RestlessService(this.tcp);
		TestServer server = this.tcp.server(TestServer.silent());
		this.tcp.discover(restless.instance(), instance("game-1", server));
		CountDownLatch ending = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		TcpBackend<Frame> backend = start(mode, 8, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.send(LOGIN);
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) throws Exception {
				if (connection.service().name().equals("game")) {
					ending.countDown();
					release.await();
				}
			}
		});
		await().until(() -> !server.received().isEmpty());
		TcpService<Frame> service = backend.getService("game", "game-1");
		server.dropConnections();
		ending.await();
		RestlessService.awaitReconnects(backend);
		assertThat(service.state()).isEqualTo(TcpState.BACKOFF);
		Thread closer = new Thread(backend::close);
		closer.start();
		await().until(() -> service.state() == TcpState.CLOSED);
		release.countDown();
		closer.join(Duration.ofSeconds(20).toMillis());
		assertThat(closer.isAlive()).isFalse();
		assertThat(service.counters().dials()).isEqualTo(1);
		assertThat(server.received()).containsExactly(LOGIN);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "IMMEDIATE")
	void whenInstanceLeavesDiscoveryAfterItsConnectionEndedThenItsMessagesAreHandledAllTheSame(RemovalMode removal)
			throws Exception {
		int bound = 10;
		int messages = 100;
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		List<String> calls = new CopyOnWriteArrayList<>();
		TcpSettings settings = settings(DispatchMode.ORDERED, bound, Duration.ZERO).withRemoval(removal);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, this.codec, new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				release.await();
				calls.add(message.text());
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				calls.add("disconnected");
			}
		}));
		TcpService<Frame> service = backend.getService("game", "game-1");
		// By one read, before reading pauses.
		ByteBuf all = Unpooled.buffer();
		for (int number = 0; number < messages; number++) {
			Frame.write(Frame.push("0:" + number), all);
		}
		await().until(() -> !server.connections().isEmpty());
		TestServer.send(server.connections().get(0), ByteBufUtil.getBytes(all));
		await().until(() -> service.backlog().size() == bound);
		service.reconnect("on purpose");
		await().until(() -> service.state() == TcpState.BACKOFF);
		this.tcp.discover();
		await().until(() -> service.withdrawn() || removal == RemovalMode.DRAIN);
		release.countDown();
		await().until(() -> backend.findGroup("game") == null);
		await().until(() -> calls.contains("disconnected"));
		assertThat(calls).hasSize(messages + 1).endsWith("disconnected");
		assertThat(service.counters().unhandledMessages()).isZero();
		assertThat(service.counters().connects()).isEqualTo(1);
	}

	/** What a server got, by connection, in the order of their first frames. */
	private static final class FramesBySocket {

		private final Map<Socket, Queue<Frame>> bySocket = new ConcurrentHashMap<>();

		private final List<Queue<Frame>> all = new CopyOnWriteArrayList<>();

		void add(Socket socket, Frame frame) {
			this.bySocket.computeIfAbsent(socket, (key) -> {
				Queue<Frame> frames = new ConcurrentLinkedQueue<>();
				this.all.add(frames);
				return frames;
			}).add(frame);
		}

		int sockets() {
			return this.all.size();
		}

		List<Frame> of(int number) {
			return List.copyOf(this.all.get(number));
		}

		List<List<Frame>> all() {
			return this.all.stream().map(List::copyOf).toList();
		}

	}

}
