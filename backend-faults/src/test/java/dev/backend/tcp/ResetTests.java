package dev.backend.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import dev.backend.ConnectionLostException;
import dev.backend.Route;
import dev.backend.discovery.InMemoryDiscovery;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

/**
 * A peer that ends its connection at any byte: of what it answers, and of what it is
 * asked. Its service is off the ring within 50 ms, each pending request ends once, and no
 * part of a message is taken for one. Beside it there is a peer that is well.
 */
@Timeout(120)
class ResetTests {

	private static final Duration PROMISE = Duration.ofMillis(50);

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final Gate gate = new Gate();

	private ServerSocket listener;

	private TcpBackend<Frame> backend;

	/** Of a key that game-1 owns. */
	private Route route;

	/** How a connection ends. */
	enum End {

		/** With a RST, as when the process or the machine dies. */
		RESET {
			@Override
			void of(Socket socket) throws IOException {
				socket.setSoLinger(true, 0);
				socket.close();
			}
		},

		/** With a FIN, as when the process closes it. */
		FIN {
			@Override
			void of(Socket socket) throws IOException {
				socket.close();
			}
		},

		/** With a FIN by a peer that goes on to read. */
		HALF_CLOSE {
			@Override
			void of(Socket socket) throws IOException {
				socket.shutdownOutput();
			}
		};

		abstract void of(Socket socket) throws IOException;

	}

	@BeforeEach
	void start() throws Exception {
		this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		this.listener.setSoTimeout(20_000);
		this.tcp.discover(InMemoryDiscovery.instance("game", "game-1", this.listener.getLocalPort()),
				instance("game-2", this.tcp.server(TestServer.echo(""))));
		this.backend = this.tcp.start(new Frame.Codec(), this.gate, (builder) -> {
			TcpTimings timings = fast().timings();
			Duration soon = Duration.ofMillis(1);
			builder.settings(fast()
				.withTimings(new TcpTimings(timings.connectTimeout(), LONG, soon, soon, timings.stableAfter(),
						Duration.ofMillis(100), Duration.ZERO, timings.idQuarantine()))
				.withLimits(new TcpLimits(10_000, 1 << 20, 1000, 10, 1 << 20, 64)));
		});
		this.gate.permits.release();
		assertThat(this.backend.awaitReady(LONG)).isTrue();
		this.route = IntStream.range(0, 1000)
			.mapToObj((i) -> Route.hash("key-" + i))
			.filter((route) -> owner(route).equals("game-1"))
			.findFirst()
			.orElseThrow();
		// Of the connection that was needed to know that.
		end(this.listener.accept(), End.FIN);
		assertThat(this.gate.disconnected.poll(20, TimeUnit.SECONDS)).isNotNull();
	}

	@AfterEach
	void stop() throws IOException {
		this.gate.permits.release(1000);
		this.gate.goOn.countDown();
		this.listener.close();
	}

	private String owner(Route route) {
		TcpService<Frame> service = this.backend.group("game").find(route);
		return (service != null) ? service.id() : "none";
	}

	/** Lets the next connection be ready. */
	private Socket accept() throws IOException {
		Socket socket = this.listener.accept();
		socket.setTcpNoDelay(true);
		socket.setSoTimeout(20_000);
		this.gate.permits.release();
		await().pollInterval(Duration.ofMillis(1)).until(() -> owner(this.route).equals("game-1"));
		return socket;
	}

	/** Ends a connection; returns how long its service stayed on the ring. */
	private long end(Socket socket, End end) throws IOException {
		long start = System.nanoTime();
		end.of(socket);
		while (!owner(this.route).equals("game-2")) {
			assertThat(System.nanoTime() - start).isLessThan(LONG.toNanos());
			LockSupport.parkNanos(50_000);
		}
		return System.nanoTime() - start;
	}

	private static byte[] bytes(Frame... frames) {
		ByteBuf out = Unpooled.buffer();
		for (Frame frame : frames) {
			Frame.write(frame, out);
		}
		return ByteBufUtil.getBytes(out);
	}

	@ParameterizedTest
	@EnumSource
	void whenThePeerEndsAtAnyByteOfWhatItAnswersThenOnlyWholeMessagesCount(End end) throws Exception {
		Frame[] frames = { Frame.push("one"), Frame.request(0, "").reply("a"), Frame.push("two"),
				Frame.request(1, "").reply("") };
		byte[] bytes = bytes(frames);
		Timings timings = new Timings("off the ring after " + end + " inside an answer");
		for (int length = 0; length <= bytes.length; length++) {
			Socket socket = accept();
			Requests requests = new Requests(3);
			socket.getInputStream().readNBytes(requests.bytes());
			socket.getOutputStream().write(bytes, 0, length);
			timings.add(end(socket, end));
			List<Frame> whole = new ArrayList<>();
			for (int i = 1; i <= frames.length && bytes(List.of(frames).subList(0, i)).length <= length; i++) {
				whole.add(frames[i - 1]);
			}
			assertEnded(requests, whole, requests.bytes(), end, "%s after %d bytes".formatted(end, length));
			socket.close();
		}
		timings.assertWithin(PROMISE, 0.9);
	}

	private static byte[] bytes(List<Frame> frames) {
		return bytes(frames.toArray(Frame[]::new));
	}

	@ParameterizedTest
	@EnumSource
	void whenThePeerEndsAtAnyByteOfWhatItIsAskedThenEveryRequestFailsOnce(End end) throws Exception {
		Timings timings = new Timings("off the ring after " + end + " inside a request");
		int length = 0;
		int all;
		do {
			Socket socket = accept();
			Requests requests = new Requests(3);
			all = requests.bytes();
			socket.getInputStream().readNBytes(length);
			timings.add(end(socket, end));
			assertEnded(requests, List.of(), length, end, "%s after %d bytes".formatted(end, length));
			if (end == End.HALF_CLOSE) {
				// It reads what was sent by then, and then the end of our side.
				assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThanOrEqualTo(all - length);
			}
			socket.close();
		}
		while (length++ < all);
		timings.assertWithin(PROMISE, 0.9);
	}

	private void assertEnded(Requests requests, List<Frame> received, int read, End end, String when) throws Exception {
		await().pollInterval(Duration.ofMillis(1)).until(requests::allEnded);
		assertThat(this.gate.disconnected.poll(20, TimeUnit.SECONDS)).as(when).isNotNull();
		List<String> pushed = received.stream().filter((frame) -> frame.kind() == Frame.PUSH).map(Frame::text).toList();
		if (end == End.RESET) {
			// The system may throw away what was not read by then.
			assertThat(pushed).as(when).startsWith(this.gate.messages.toArray(String[]::new));
		}
		else {
			assertThat(this.gate.messages).as(when).containsExactlyElementsOf(pushed);
		}
		this.gate.messages.clear();
		requests.assertEndedOnce(received, read, end, when);
		assertThat(this.backend.getService("game", "game-1").pendingRequests()).isZero();
	}

	@Test
	void whenRequestsArePartlyWrittenAtTheResetThenEachFailsOnceAndKnowsWhetherItWasWritten() throws Exception {
		for (int round = 0; round < 5; round++) {
			Socket socket = accept();
			AtomicInteger ends = new AtomicInteger();
			TcpService<Frame> service = this.backend.getService("game", "game-1");
			String text = "x".repeat(100_000);
			List<CompletableFuture<Frame>> requests = IntStream.range(0, 300)
				.mapToObj((i) -> service.request(Frame.request(i, text), LONG))
				.toList();
			requests.forEach((request) -> request.whenComplete((reply, failure) -> ends.incrementAndGet()));
			socket.getInputStream().readNBytes(150_000 + round);
			end(socket, End.RESET);
			await().until(() -> ends.get() == 300);
			List<Boolean> written = requests.stream().map(ResetTests::written).toList();
			assertThat(written.get(0)).isTrue();
			assertThat(written.get(299)).isFalse();
			assertThat(written.lastIndexOf(true)).isLessThan(written.indexOf(false));
		}
	}

	private static boolean written(CompletableFuture<Frame> request) {
		CompletionException failure = catchThrowableOfType(CompletionException.class, request::join);
		assertThat(failure).hasCauseInstanceOf(ConnectionLostException.class);
		return ((ConnectionLostException) Objects.requireNonNull(failure.getCause())).written();
	}

	@ParameterizedTest
	@EnumSource
	void whenTheHandlerIsBehindThenTheEndIsSeenAllTheSameAndWhatHasArrivedIsHandledFirst(End end) throws Exception {
		Socket socket = accept();
		this.gate.blocking = true;
		Requests requests = new Requests(1);
		for (int i = 0; i < 10; i++) {
			socket.getOutputStream().write(bytes(Frame.push("" + i)));
		}
		TcpService<Frame> service = this.backend.getService("game", "game-1");
		await().until(() -> service.backlog().size() == 10);
		Timings timings = new Timings("off the ring after " + end + " while reading is paused");
		timings.add(end(socket, end));
		await().until(requests::allEnded);
		requests.assertEndedOnce(List.of(), 0, end, "paused");
		assertThat(this.gate.disconnected).isEmpty();
		this.gate.goOn.countDown();
		assertThat(this.gate.disconnected.poll(20, TimeUnit.SECONDS)).isNotNull();
		assertThat(this.gate.messages).hasSize(10);
		timings.log(PROMISE);
		socket.close();
	}

	@Test
	void whenTheRequestIsMadeAnewAtOnceThenItGoesToTheNextOwner() throws Exception {
		for (int round = 0; round < 20; round++) {
			Socket socket = accept();
			CompletableFuture<Frame> reply = this.backend.request("game", this.route, Frame.request(1, "x"), LONG)
				.exceptionallyCompose((failure) -> this.backend.request("game", this.route.tries(2),
						Frame.request(2, "again"), LONG));
			end(socket, End.RESET);
			assertThat(reply).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("again");
		}
	}

	/** Requests to game-1, and how often each has ended. */
	private final class Requests {

		private final List<CompletableFuture<Frame>> futures = new ArrayList<>();

		private final List<AtomicInteger> ends = new ArrayList<>();

		Requests(int count) {
			TcpService<Frame> service = ResetTests.this.backend.getService("game", "game-1");
			for (int i = 0; i < count; i++) {
				AtomicInteger ends = new AtomicInteger();
				this.ends.add(ends);
				this.futures.add(service.request(Frame.request(i, "request"), LONG));
				this.futures.get(i).whenComplete((reply, failure) -> ends.incrementAndGet());
			}
		}

		int bytes() {
			return this.futures.size() * bytesOfOne();
		}

		private static int bytesOfOne() {
			return ResetTests.bytes(Frame.request(0, "request")).length;
		}

		boolean allEnded() {
			return this.ends.stream().allMatch((ends) -> ends.get() > 0);
		}

		/**
		 * Asserts that each has its reply or has failed.
		 * @param received the messages that the peer sent whole
		 * @param read the bytes that the peer has read
		 */
		void assertEndedOnce(List<Frame> received, int read, End end, String when) {
			for (int i = 0; i < this.futures.size(); i++) {
				long id = i;
				CompletableFuture<Frame> future = this.futures.get(i);
				assertThat(this.ends.get(i)).as(when).hasValue(1);
				boolean answered = received.stream()
					.anyMatch((frame) -> frame.kind() == Frame.REPLY && frame.id() == id);
				if (answered && (end != End.RESET || !future.isCompletedExceptionally())) {
					assertThat(received).as(when).contains(future.join());
				}
				else {
					assertThat(written(future) || read <= i * bytesOfOne()).as(when).isTrue();
				}
			}
		}

	}

	/** Lets services be ready one by one, and may block on messages. */
	private static final class Gate implements TcpHandler<Frame> {

		private final Semaphore permits = new Semaphore(0);

		private final CountDownLatch goOn = new CountDownLatch(1);

		private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

		private final BlockingQueue<Throwable> disconnected = new LinkedBlockingQueue<>();

		private volatile boolean blocking;

		@Override
		public void onConnected(TcpConnection<Frame> connection) throws Exception {
			if (connection.service().id().equals("game-1")) {
				this.permits.acquire();
			}
		}

		@Override
		public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
			if (this.blocking) {
				this.goOn.await();
			}
			this.messages.add(message.text());
		}

		@Override
		public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
			if (cause != null) {
				this.disconnected.add(cause);
			}
		}

	}

}
