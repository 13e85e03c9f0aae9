package dev.backend.tcp;

import java.io.DataInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.backend.ConnectionLostException;
import dev.backend.SendResult;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.SlowTest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Dead and living peers on real sockets. Where nothing must happen to a connection, a
 * second one to a dead peer, on the same event loop, shows that checks have run.
 */
@Timeout(60)
@SlowTest
class LivenessTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Duration OFF = Duration.ZERO;

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final Causes causes = new Causes();

	private final AtomicReference<Channel> channel = new AtomicReference<>();

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private <T extends AutoCloseable> T closing(T resource) {
		this.resources.add(0, resource);
		return resource;
	}

	private static DiscoveredInstance instance(String name, int port) {
		return InMemoryDiscovery.instance(name, name + "-1", port);
	}

	private static TcpLiveness heartbeats(int intervalMillis, int timeoutMillis) {
		return new TcpLiveness(Duration.ofMillis(intervalMillis), Duration.ofMillis(timeoutMillis), OFF, OFF, OFF);
	}

	private static TcpSettings settings(TcpLiveness liveness) {
		TcpTimings timings = TcpTimings.defaults();
		return TcpSettings.defaults()
			.withLiveness(liveness)
			.withTimings(new TcpTimings(timings.connectTimeout(), LONG, Duration.ofMillis(1), Duration.ofMillis(1),
					timings.stableAfter(), Duration.ofSeconds(2), Duration.ZERO, timings.idQuarantine()));
	}

	private TcpBackend<Frame> start(TcpSettings settings, MessageCodec<Frame> codec, TcpHandler<Frame> handler,
			DiscoveredInstance... instances) throws Exception {
		UnaryOperator<TcpBackend.Builder> same = (builder) -> builder;
		return start(settings, codec, handler, same, instances);
	}

	private TcpBackend<Frame> start(TcpSettings settings, MessageCodec<Frame> codec, TcpHandler<Frame> handler,
			UnaryOperator<TcpBackend.Builder> customizer, DiscoveredInstance... instances) throws Exception {
		this.discovery.set(instances);
		TcpBackend<Frame> backend = closing(
				customizer.apply(TcpBackend.builder().discovery(this.discovery).settings(settings).eventLoops(1))
					.build(codec, handler));
		backend.start();
		for (DiscoveredInstance instance : instances) {
			await().atMost(LONG).until(() -> backend.findService(instance.name(), instance.id()) != null);
			await().atMost(LONG).until(() -> backend.group(instance.name()).counters().connects() > 0);
		}
		return backend;
	}

	private static void awaitClosedForSilence(TcpBackend<Frame> backend, String name, int times) {
		await().atMost(LONG).until(() -> backend.group(name).counters().closedForSilence() >= times);
	}

	@Test
	void whenPeerAnswersNothingThenItIsClosedAndTheErrorSaysWhy() throws Exception {
		TestServer server = closing(TestServer.silent());
		TcpBackend<Frame> backend = start(settings(heartbeats(100, 400)), new HeartbeatCodec(), this.causes,
				instance("game", server.port()));
		awaitClosedForSilence(backend, "game", 1);
		await().atMost(LONG).until(() -> !this.causes.all.isEmpty());
		assertThat(this.causes.all.get(0)).isInstanceOf(ConnectionLostException.class)
			.hasMessage("game/game-1 at 127.0.0.1:%d: nothing received for 400ms although heartbeats were sent "
				.formatted(server.port()) + "(backend.tcp.liveness.heartbeat-timeout)");
		assertThat(backend.group("game").counters().heartbeats()).isPositive();
		await().atMost(LONG).until(() -> server.received().stream().anyMatch(HeartbeatCodec::isHeartbeat));
		await().atMost(LONG).until(() -> backend.group("game").counters().connects() > 1);
	}

	@Test
	void whenPeerProcessIsStoppedThenItLeavesTheRingsAndComesBack() throws Exception {
		EchoProcess peer = closing(new EchoProcess());
		TcpBackend<Frame> backend = start(settings(heartbeats(200, 1000)), new HeartbeatCodec(), this.causes,
				instance("game", peer.port()));
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().atMost(LONG).until(() -> backend.group("game").counters().heartbeats() > 2);
		peer.pause();
		awaitClosedForSilence(backend, "game", 1);
		await().atMost(LONG).until(() -> !this.causes.all.isEmpty());
		assertThat(this.causes.all.get(0)).hasMessageContaining("although heartbeats were sent");
		peer.resume();
		TcpService<Frame> service = backend.getService("game", "game-1");
		long before = backend.group("game").counters().receivedMessages();
		await().atMost(LONG)
			.until(() -> service.trySend(Frame.push("alive")).accepted()
					&& backend.group("game").counters().receivedMessages() > before);
	}

	@Test
	void whenPeerAnswersHeartbeatsThenItsConnectionStays() throws Exception {
		TestServer alive = closing(new TestServer(TestServer::send));
		TestServer dead = closing(TestServer.silent());
		TcpBackend<Frame> backend = start(settings(heartbeats(200, 1000)), new HeartbeatCodec(), this.causes,
				instance("alive", alive.port()), instance("dead", dead.port()));
		awaitClosedForSilence(backend, "dead", 3);
		TcpCounters counters = backend.group("alive").counters();
		assertThat(counters.disconnects()).isZero();
		assertThat(counters.heartbeats()).isGreaterThan(5);
	}

	@Test
	void whenTrafficFlowsThenNoHeartbeatIsSent() throws Exception {
		TestServer busy = closing(TestServer.silent());
		TestServer dead = closing(TestServer.silent());
		TcpBackend<Frame> backend = start(settings(heartbeats(1000, 1500)), new HeartbeatCodec(), this.causes,
				instance("busy", busy.port()), instance("dead", dead.port()));
		await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(() -> {
			busy.sendToAll(Frame.push(""));
			return backend.group("dead").counters().closedForSilence() > 0;
		});
		assertThat(backend.group("busy").counters().heartbeats()).isZero();
		assertThat(backend.group("dead").counters().heartbeats()).isPositive();
	}

	@Test
	void whenServiceIsNotReadyThenNoHeartbeatIsSentAndTheReadyTimeoutWatches() throws Exception {
		TestServer waiting = closing(TestServer.silent());
		TestServer dead = closing(TestServer.silent());
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				if (connection.service().name().equals("dead")) {
					connection.markReady();
				}
			}

			@Override
			public boolean marksReady() {
				return true;
			}
		};
		TcpBackend<Frame> backend = start(settings(heartbeats(100, 400)), new HeartbeatCodec(), handler,
				instance("waiting", waiting.port()), instance("dead", dead.port()));
		awaitClosedForSilence(backend, "dead", 2);
		TcpCounters counters = backend.group("waiting").counters();
		assertThat(counters.heartbeats()).isZero();
		assertThat(counters.disconnects()).isZero();
	}

	@Test
	void whenReadIdleTimeoutIsSwitchedOnAtRuntimeThenItAppliesToOpenConnections() throws Exception {
		TestServer server = closing(TestServer.silent());
		TcpSettings off = settings(new TcpLiveness(OFF, OFF, OFF, OFF, OFF));
		TcpBackend<Frame> backend = start(off, new Frame.Codec(), this.causes, instance("game", server.port()));
		backend.settings(off.withLiveness(new TcpLiveness(OFF, OFF, Duration.ofMillis(300), OFF, OFF)));
		awaitClosedForSilence(backend, "game", 1);
		await().atMost(LONG).until(() -> !this.causes.all.isEmpty());
		assertThat(this.causes.all.get(0))
			.hasMessageEndingWith("nothing received for 300ms (backend.tcp.liveness.read-idle-timeout)");
		assertThat(backend.group("game").counters().heartbeats()).isZero();
	}

	@ParameterizedTest
	@EnumSource
	void whenHeartbeatOfTheCodecFailsThenItIsToldOnceAndNotCountedAndTheConnectionStays(HeartbeatFault fault)
			throws Exception {
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		for (Class<?> type : List.of(LinkLiveness.class, OutboundWriter.class)) {
			Logger logger = (Logger) LoggerFactory.getLogger(type);
			logger.addAppender(log);
			closing(() -> logger.detachAppender(log));
		}
		TestServer server = closing(TestServer.silent());
		TestServer dead = closing(TestServer.silent());
		AtomicInteger calls = new AtomicInteger();
		HeartbeatCodec codec = new HeartbeatCodec() {
			@Override
			public Frame heartbeat() {
				return (calls.incrementAndGet() == 1) ? fault.heartbeat() : super.heartbeat();
			}

			@Override
			public void encode(Frame message, ByteBuf out) throws Exception {
				super.encode(message, out);
				fault.encoded(message);
			}
		};
		TcpSettings settings = settings(
				new TcpLiveness(Duration.ofMillis(100), Duration.ofMillis(400), OFF, Duration.ofMillis(200), OFF));
		TcpBackend<Frame> backend = start(settings, codec, this.causes, instance("broken", server.port()));
		await().atMost(LONG).until(() -> calls.get() == 1);
		this.discovery.set(instance("broken", server.port()), instance("dead", dead.port()));
		await().atMost(LONG).until(() -> backend.findGroup("dead") != null);
		awaitClosedForSilence(backend, "dead", 3);
		TcpCounters counters = backend.group("broken").counters();
		assertThat(counters.disconnects()).isZero();
		assertThat(counters.heartbeats()).isZero();
		assertThat(counters.sentMessages()).isZero();
		assertThat(counters.rejected()).isZero();
		assertThat(List.copyOf(log.list)).singleElement()
			.extracting(ILoggingEvent::getFormattedMessage)
			.asString()
			.contains("broken/broken-1 at 127.0.0.1:" + server.port(), fault.told,
					"this connection goes on without heartbeats");
	}

	@Test
	void whenPeerOwesSoManyRepliesThatNoHeartbeatFitsThenItIsStillGivenUp() throws Exception {
		TestServer server = closing(TestServer.silent());
		HeartbeatCodec codec = new HeartbeatCodec() {
			@Override
			public Correlation correlation() {
				return Correlation.IN_ORDER;
			}
		};
		TcpLimits limits = TcpLimits.defaults();
		TcpSettings settings = settings(heartbeats(1000, 2000)).withLimits(limits.withPendingRequests(1));
		TcpBackend<Frame> backend = start(settings, codec, this.causes, instance("game", server.port()));
		assertThat(backend.awaitReady(LONG)).isTrue();
		backend.getService("game", "game-1").request(Frame.request(1, "never answered"), LONG);
		await().atMost(LONG).until(() -> !this.causes.all.isEmpty());
		assertThat(this.causes.all.get(0)).hasMessageContaining("(backend.tcp.liveness.heartbeat-timeout)");
		assertThat(server.received()).extracting(Frame::text).doesNotContain("heartbeat");
		assertThat(backend.group("game").counters().heartbeats()).isZero();
	}

	@Test
	void whenHandlerIsBehindThenTheSilenceOfThePausedConnectionDoesNotCount() throws Exception {
		TestServer paused = closing(TestServer.silent());
		TestServer dead = closing(TestServer.silent());
		CountDownLatch goOn = new CountDownLatch(1);
		closing(goOn::countDown);
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				goOn.await();
			}
		};
		TcpLimits limits = TcpLimits.defaults();
		TcpSettings settings = settings(
				new TcpLiveness(Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofMillis(900), OFF, OFF))
			.withLimits(limits.withInboundMessages(2));
		TcpBackend<Frame> backend = start(settings, new HeartbeatCodec(), handler, instance("paused", paused.port()));
		// Until the login has ended, a connection is read on.
		assertThat(backend.awaitReady(LONG)).isTrue();
		paused.sendToAll(Frame.push("one"));
		paused.sendToAll(Frame.push("two"));
		await().atMost(LONG).until(() -> backend.group("paused").counters().receivedMessages() == 2);
		this.discovery.set(instance("paused", paused.port()), instance("dead", dead.port()));
		await().atMost(LONG).until(() -> backend.findGroup("dead") != null);
		awaitClosedForSilence(backend, "dead", 3);
		assertThat(backend.group("paused").counters().disconnects()).isZero();
		goOn.countDown();
		awaitClosedForSilence(backend, "paused", 1);
	}

	@Test
	void whenPeerNeverReadsThenSendsAreRefusedAndTheConnectionIsClosedWithinTheMemoryBound() throws Exception {
		TestServer server = closing(TestServer.silent());
		TcpSettings settings = settings(new TcpLiveness(OFF, OFF, OFF, OFF, Duration.ofMillis(1500)));
		TcpBackend<Frame> backend = start(settings, new Frame.Codec(), this.causes, this::capturing,
				instance("game", server.port()));
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		Channel first = this.channel.get();
		server.stopReading();
		int bound = settings.limits().outboundBytes();
		assertThat(bound).isEqualTo(4 * 1024 * 1024);
		Frame message = Frame.push("x".repeat(10_000));
		await().atMost(LONG)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(1))
			.until(() -> fill(service, message) && pendingBytes(first) > 0 && !service.trySend(message).accepted());
		assertThat(service.trySend(message)).isEqualTo(SendResult.QUEUE_FULL);
		assertThat(pendingBytes(first)).isBetween(bound / 4L, bound + bound / 20L);
		await().atMost(LONG).until(() -> !this.causes.all.isEmpty());
		assertThat(this.causes.all.get(0)).isInstanceOf(ConnectionLostException.class)
			.hasMessageContaining("(backend.tcp.liveness.write-progress-timeout)");
		assertThat(backend.group("game").counters().closedForNoProgress()).isPositive();
		assertThat(first.isOpen()).isFalse();
	}

	/** Sends until it is refused. */
	private static boolean fill(TcpService<Frame> service, Frame message) {
		SendResult result;
		do {
			result = service.trySend(message);
		}
		while (result.accepted());
		return result == SendResult.QUEUE_FULL;
	}

	private TcpBackend.Builder capturing(TcpBackend.Builder builder) {
		return builder.clientCustomizer((client) -> client.option(ChannelOption.SO_SNDBUF, 64 * 1024)
			.doOnConnected((connection) -> this.channel.set(connection.channel())));
	}

	private static long pendingBytes(Channel channel) throws Exception {
		return channel.eventLoop().submit(() -> {
			ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
			return (buffer != null) ? buffer.totalPendingWriteBytes() : 0L;
		}).get();
	}

	@Test
	void whenPeerReadsSlowlyButDoesThenItsConnectionStays() throws Exception {
		int messages = 1000;
		AtomicLong read = new AtomicLong();
		ServerSocket listener = closing(new ServerSocket());
		listener.setReceiveBufferSize(64 * 1024);
		listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
		Thread reader = new Thread(() -> readSlowly(listener, read), "slow-reader");
		reader.setDaemon(true);
		reader.start();
		TcpSettings settings = settings(
				new TcpLiveness(Duration.ofMillis(200), Duration.ofMillis(1000), OFF, OFF, Duration.ofMillis(1000)));
		TcpBackend<Frame> backend = start(settings, new HeartbeatCodec(), this.causes, this::capturing,
				instance("game", listener.getLocalPort()));
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		Frame message = Frame.push("x".repeat(10_000));
		for (int i = 0; i < messages; i++) {
			service.send(message);
		}
		await().atMost(Duration.ofSeconds(40)).until(() -> read.get() >= messages);
		assertThat(this.causes.all).isEmpty();
		assertThat(backend.group("game").counters().disconnects()).isZero();
	}

	/** Reads some 2 MB per second, and answers heartbeats when it gets to them. */
	private static void readSlowly(ServerSocket listener, AtomicLong read) {
		try (Socket socket = listener.accept()) {
			DataInputStream in = new DataInputStream(new Throttled(socket.getInputStream()));
			while (true) {
				byte[] frame = new byte[in.readInt()];
				in.readFully(frame);
				if (frame.length < 1000) {
					TestServer.send(socket, Frame.push("pong"));
				}
				else {
					read.incrementAndGet();
				}
			}
		}
		catch (IOException ex) {
			// The peer has gone.
		}
	}

	/** Lets some 20 kB through every 10 ms. */
	private static final class Throttled extends FilterInputStream {

		private int left = 20_000;

		Throttled(InputStream in) {
			super(in);
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			int count = super.read(bytes, offset, Math.min(length, 20_000));
			this.left -= count;
			if (this.left <= 0) {
				this.left = 20_000;
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
			}
			return count;
		}

	}

	/** Remembers why connections ended. */
	private static final class Causes implements TcpHandler<Frame> {

		private final List<Throwable> all = Collections.synchronizedList(new ArrayList<>());

		@Override
		public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
			if (cause != null) {
				this.all.add(cause);
			}
		}

	}

	private enum HeartbeatFault {

		THROWS("heartbeat() failed for ") {
			@Override
			Frame heartbeat() {
				throw new IllegalStateException("forced");
			}
		},

		CANNOT_BE_ENCODED("encoding failed") {
			@Override
			Frame heartbeat() {
				return Frame.push("bad");
			}

			@Override
			void encoded(Frame message) {
				if (message.text().equals("bad")) {
					throw new IllegalStateException("forced");
				}
			}
		},

		IS_TOO_LARGE("1048590 bytes (expected: at most 1048576, backend.tcp.limits.frame-bytes)") {
			@Override
			Frame heartbeat() {
				return Frame.push("x".repeat(1024 * 1024 + 1));
			}
		};

		private final String told;

		HeartbeatFault(String told) {
			this.told = told;
		}

		abstract Frame heartbeat();

		void encoded(Frame message) {
		}

	}

	private static class HeartbeatCodec extends Frame.Codec {

		static boolean isHeartbeat(Frame frame) {
			return frame.text().equals("heartbeat");
		}

		@Override
		public Frame heartbeat() {
			return Frame.push("heartbeat");
		}

	}

}
