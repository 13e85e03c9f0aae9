package dev.backend.tcp;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Peers that speak all the time, and close a connection by which they hear nothing.
 */
@Timeout(60)
@SlowTest
class WriteIdleTests {

	private static final Duration OFF = Duration.ZERO;

	private static final Duration INTERVAL = Duration.ofMillis(300);

	/** Of the peer; longer than a busy machine lets it wait. */
	private static final Duration LIMIT = Duration.ofSeconds(2);

	/** Takes longer than the limit. */
	private static final int ENOUGH = 12;

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private static TcpSettings writeIdle(Duration interval) {
		TcpLiveness defaults = TcpLiveness.defaults();
		return fast().withLiveness(new TcpLiveness(defaults.heartbeatInterval(), defaults.heartbeatTimeout(), OFF,
				interval, defaults.writeProgressTimeout()));
	}

	private StrictPeer strictPeer() throws IOException {
		StrictPeer peer = new StrictPeer();
		this.tcp.closeLast(peer);
		this.tcp.discover(InMemoryDiscovery.instance("game", "game-1", peer.port()));
		return peer;
	}

	private static void assertHeard(TcpBackend<Frame> backend, StrictPeer peer) {
		TcpCounters counters = backend.group("game").counters();
		await().until(() -> counters.heartbeats() >= ENOUGH || counters.disconnects() > 0);
		assertThat(counters.disconnects()).isZero();
		assertThat(peer.gaveUp).hasValue(0);
		await().until(() -> peer.received.size() >= ENOUGH);
		assertThat(peer.received).containsOnly("heartbeat");
	}

	@Test
	void whenPeerSpeaksAllTheTimeThenItHearsFromThisSideWithinItsLimit() throws Exception {
		StrictPeer peer = strictPeer();
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(writeIdle(INTERVAL), new HeartbeatCodec(), this.tcp.handler()));
		assertHeard(backend, peer);
	}

	@Test
	void whenTheHandlerIsBehindAndReadingIsPausedThenThePeerStillHearsFromThisSide() throws Exception {
		StrictPeer peer = strictPeer();
		CountDownLatch goOn = new CountDownLatch(1);
		this.tcp.closeLast(goOn::countDown);
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				goOn.await();
			}
		};
		TcpLimits limits = TcpLimits.defaults();
		TcpSettings settings = fast()
			.withLiveness(new TcpLiveness(OFF, OFF, Duration.ofSeconds(1), INTERVAL, Duration.ofSeconds(10)))
			.withLimits(limits.withInboundMessages(2));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, new HeartbeatCodec(), handler));
		assertHeard(backend, peer);
		goOn.countDown();
	}

	@Test
	void whenItIsSwitchedOnAtRuntimeThenItAppliesToOpenConnections() throws Exception {
		StrictPeer peer = strictPeer();
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(writeIdle(OFF), new HeartbeatCodec(), this.tcp.handler()));
		backend.settings(writeIdle(INTERVAL));
		assertHeard(backend, peer);
	}

	@Test
	void whenMessagesAreWrittenInTimeThenNoHeartbeatIs() throws Exception {
		StrictPeer peer = strictPeer();
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(writeIdle(Duration.ofSeconds(4)), new HeartbeatCodec(), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().pollInterval(Duration.ofMillis(50)).until(() -> {
			service.send(Frame.push("note"));
			return peer.received.size() >= 100;
		});
		assertThat(backend.group("game").counters().heartbeats()).isZero();
		assertThat(peer.received).containsOnly("note");
	}

	@Test
	void whenTheCodecOfTheConnectionNumbersWhatItSendsThenHeartbeatsHaveTheirNumbers() throws Exception {
		StrictPeer peer = strictPeer();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(writeIdle(INTERVAL), new CountingCodec() {
			@Override
			public MessageCodec<Frame> forConnection(BackendService service) {
				return new Own(service) {
					@Override
					public Frame heartbeat() {
						return Frame.push("heartbeat");
					}
				};
			}
		}, this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		for (int i = 1; i <= 3; i++) {
			int heartbeats = i;
			await().until(() -> backend.group("game").counters().heartbeats() >= heartbeats);
			service.send(Frame.push("note"));
			service.send(Frame.push("note"));
		}
		await().until(() -> peer.received.size() >= 9);
		List<String> received = List.copyOf(peer.received);
		assertThat(received).filteredOn((text) -> text.startsWith("heartbeat#")).hasSizeGreaterThanOrEqualTo(3);
		for (int i = 0; i < received.size(); i++) {
			assertThat(received.get(i)).endsWith("#" + (i + 1));
		}
	}

	@Test
	void whenTheCodecHasNoHeartbeatThenThatIsToldOnceForTheConnection() throws Exception {
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		Logger logger = (Logger) LoggerFactory.getLogger(LinkLiveness.class);
		logger.addAppender(log);
		this.tcp.closeLast(() -> logger.detachAppender(log));
		strictPeer();
		AtomicInteger asked = new AtomicInteger();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(writeIdle(INTERVAL), new Frame.Codec() {
			@Override
			public @Nullable Frame heartbeat() {
				asked.incrementAndGet();
				return null;
			}
		}, this.tcp.handler()));
		await().until(() -> asked.get() > 3);
		assertThat(backend.group("game").counters().heartbeats()).isZero();
		assertThat(List.copyOf(log.list)).singleElement()
			.extracting(ILoggingEvent::getFormattedMessage)
			.asString()
			.contains(".heartbeat() returned none for game/game-1 at 127.0.0.1",
					"after 300ms without a write (backend.tcp.liveness.write-idle-interval)");
	}

	private static final class HeartbeatCodec extends Frame.Codec {

		@Override
		public Frame heartbeat() {
			return Frame.push("heartbeat");
		}

	}

	/** Speaks every few milliseconds, and closes a connection that is silent too long. */
	private static final class StrictPeer implements AutoCloseable {

		final List<String> received = new CopyOnWriteArrayList<>();

		final AtomicInteger gaveUp = new AtomicInteger();

		private final List<Socket> sockets = new CopyOnWriteArrayList<>();

		private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

		StrictPeer() throws IOException {
			startThread(this::accept);
		}

		int port() {
			return this.listener.getLocalPort();
		}

		private void accept() throws IOException {
			while (true) {
				Socket socket = this.listener.accept();
				this.sockets.add(socket);
				socket.setSoTimeout((int) LIMIT.toMillis());
				startThread(() -> listen(socket));
				startThread(() -> speak(socket));
			}
		}

		private void listen(Socket socket) throws IOException {
			try (socket) {
				DataInputStream in = new DataInputStream(socket.getInputStream());
				while (true) {
					byte[] frame = new byte[in.readInt()];
					in.readFully(frame);
					this.received.add(new String(frame, 9, frame.length - 9));
				}
			}
			catch (SocketTimeoutException ex) {
				this.gaveUp.incrementAndGet();
			}
		}

		/** Blocks while the other side does not read. */
		private static void speak(Socket socket) {
			Frame push = Frame.push("x".repeat(10_000));
			while (!socket.isClosed()) {
				TestServer.send(socket, push);
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
			}
		}

		@Override
		public void close() throws IOException {
			this.listener.close();
			for (Socket socket : this.sockets) {
				socket.close();
			}
		}

		private static void startThread(Task task) {
			Thread thread = new Thread(() -> {
				try {
					task.run();
				}
				catch (IOException | UncheckedIOException ex) {
					// The connection or the listener was closed.
				}
			}, "strict-peer");
			thread.setDaemon(true);
			thread.start();
		}

		private interface Task {

			void run() throws IOException;

		}

	}

}
