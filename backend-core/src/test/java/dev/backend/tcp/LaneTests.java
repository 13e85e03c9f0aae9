package dev.backend.tcp;

import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import dev.backend.RequestTimeoutException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Replies and control messages pass the pushes that wait for the handler, as far as the
 * bound of what is read ahead.
 */
@Timeout(60)
class LaneTests {

	private static final int FRAME_BYTES = 14;

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	/** The peer may be ready before this side has accepted it. */
	private static Socket socket(TestServer server) {
		await().until(() -> !server.connections().isEmpty());
		return server.connections().get(0);
	}

	/** Pushes of {@value #FRAME_BYTES} bytes, in one write. */
	private static void push(Socket socket, int count) {
		ByteBuf out = Unpooled.buffer();
		for (int i = 0; i < count; i++) {
			Frame.write(Frame.push("%d".formatted(i % 10)), out);
		}
		TestServer.send(socket, ByteBufUtil.getBytes(out));
	}

	private static TcpSettings settings(int inboundMessages, int readAheadBytes) {
		return fast()
			.withLimits(TcpLimits.defaults().withInboundMessages(inboundMessages).withReadAheadBytes(readAheadBytes));
	}

	@Test
	void whenEachOfManyPushesMakesANestedRequestThenAllAreAnswered() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo("re:"));
		List<String> answers = new CopyOnWriteArrayList<>();
		TcpHandler<Frame> handler = new TcpHandler<>() {

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				int id = answers.size() + 1;
				answers.add(connection.request(Frame.request(id, "" + id), LONG).join().text());
			}

		};
		TcpFixture.ready(this.tcp.start(fast(), handler));
		push(socket(server), 1_100);
		await().until(() -> answers.size() == 1_100);
		assertThat(answers).contains("re:1", "re:1100").doesNotHaveDuplicates();
	}

	@Test
	void whenPushesStandBeforeTheRepliesOfALoginThenTheServiceBecomesReady() throws Exception {
		TestServer server = new TestServer((socket, frame) -> {
			push(socket, 1_500);
			TestServer.send(socket, frame.reply("welcome"));
		});
		this.tcp.discoveredServer(server);
		TcpHandler<Frame> handler = new TcpHandler<>() {

			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.request(Frame.request(1, "user"), LONG).join();
				connection.request(Frame.request(2, "password"), LONG).join();
			}

		};
		TcpFixture.ready(this.tcp.start(fast(), handler));
		assertThat(server.connections()).hasSize(1);
	}

	@Test
	void whileALoginIsUnfinishedReadingGoesOnWithoutARequest() throws Exception {
		this.tcp.discoveredServer(new TestServer((socket, frame) -> push(socket, 1_500)));
		TcpHandler<Frame> handler = new TcpHandler<>() {

			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.send(Frame.push("hello"));
				await().until(() -> connection.service().backlog().size() == 1_500);
			}

		};
		TcpFixture.ready(this.tcp.start(fast(), handler));
	}

	@ParameterizedTest
	@EnumSource
	void whenTenThousandMessagesWaitThenAPingIsAnsweredAtOnce(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		Busy handler = new Busy((message) -> message.text().equals("ping"));
		TcpFixture.ready(this.tcp.start(fast().withDispatch(mode), handler));
		Socket socket = socket(server);
		push(socket, 10_000);
		for (int i = 1; i <= 3; i++) {
			int pongs = i;
			TestServer.send(socket, Frame.push("ping"));
			await().until(() -> server.received().size() == pongs);
		}
		assertThat(handler.handled).hasValue(0);
		assertThat(server.received()).extracting(Frame::text).containsOnly("pong");
		handler.goOn.countDown();
		await().until(() -> handler.handled.get() == 10_000);
	}

	@Test
	void whenAControlHookThrowsThenTheMessageIsHandledAsAnyOther() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		Busy handler = new Busy((message) -> {
			throw new IllegalStateException("not today");
		});
		handler.goOn.countDown();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), handler));
		server.sendToAll(Frame.push("x"));
		await().until(() -> handler.handled.get() == 1);
		assertThat(backend.group("game").counters().handlerErrors()).isEqualTo(1);
		assertThat(server.connections()).hasSize(1);
	}

	@Test
	void whenNobodyNeedsMoreThenReadingPausesAtTheBoundOfMessages() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		Busy handler = new Busy(null);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings(8, 0), handler));
		push(socket(server), 2_000);
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.backlog().size() >= 8);
		// A request is written, and by then all that is read was decoded.
		CompletableFuture<Frame> request = service.request(Frame.request(1, ""), LONG);
		await().until(() -> !server.received().isEmpty());
		await().until(() -> service.backlog().size() == 2_000);
		// From here on it ends without a reply, and nobody needs more.
		request.cancel(false);
		handler.goOn.countDown();
		await().until(() -> handler.handled.get() == 2_000);
	}

	@Test
	void whenTheBoundOfWhatIsReadAheadIsReachedThenTheTimeoutNamesItAndAllGoesOnAfterwards() throws Exception {
		TestServer server = this.tcp.discoveredServer(new TestServer((socket, frame) -> {
			push(socket, 1_000);
			TestServer.send(socket, frame.reply("late"));
		}));
		Busy handler = new Busy(null);
		int bound = 100 * FRAME_BYTES;
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings(8, bound), handler));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> request = service.request(Frame.request(1, ""), Duration.ofSeconds(1));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(request::join)
			.havingCause()
			.isInstanceOf(RequestTimeoutException.class)
			.withMessageContaining("game/game-1 at 127.0.0.1")
			.withMessageContaining(
					"; nothing was read any more, because 108 messages wait for the handler (backend.tcp.limits.inbound-messages: 8)"
							+ " and 1400 bytes were read ahead of it (backend.tcp.limits.read-ahead-bytes: 1400)");
		assertThat(service.backlog().size()).isEqualTo(108);
		handler.goOn.countDown();
		// The late reply is one of the messages then.
		await().until(() -> handler.handled.get() == 1_001);
		assertThat(service.request(Frame.request(2, ""), LONG)).succeedsWithin(LONG);
	}

	@Test
	void whenALoginWaitsBehindWhatMayBeReadAheadThenTheReadyTimeoutNamesTheBound() {
		this.tcp.discoveredServer(new TestServer((socket, frame) -> push(socket, 1_000)));
		TcpHandler<Frame> handler = new TcpHandler<>() {

			@Override
			public void onConnected(TcpConnection<Frame> connection) throws Exception {
				connection.send(Frame.push("hello"));
				new CountDownLatch(1).await(LONG.toMillis(), TimeUnit.MILLISECONDS);
			}

		};
		TcpTimings timings = fast().timings();
		TcpBackend<Frame> backend = this.tcp
			.start(settings(8, 100 * FRAME_BYTES).withTimings(new TcpTimings(timings.connectTimeout(),
					Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(60), timings.stableAfter(),
					timings.drainTimeout(), timings.tickInterval(), timings.idQuarantine())), handler);
		await().until(() -> backend.findService("game", "game-1") != null);
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.lastFailure() != null);
		assertThat(service.lastFailure())
			.hasMessageStartingWith(
					"not ready within 1s (backend.tcp.connect.ready-timeout); nothing was read any more")
			.hasMessageContaining("(backend.tcp.limits.read-ahead-bytes: 1400)");
	}

	@Test
	void whenABoundIsRaisedThenReadingGoesOnAlthoughTheHandlerDoesNot() throws Exception {
		TestServer server = this.tcp.discoveredServer(new TestServer((socket, frame) -> {
			push(socket, 1_000);
			TestServer.send(socket, frame.reply("done"));
		}));
		Busy handler = new Busy(null);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings(8, 10 * FRAME_BYTES), handler));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> request = service.request(Frame.request(1, ""), LONG);
		await().until(() -> service.backlog().size() == 18);
		backend.settings(settings(8, 20 * FRAME_BYTES));
		await().until(() -> service.backlog().size() == 28);
		backend.settings(settings(2_000, 20 * FRAME_BYTES));
		assertThat(request).succeedsWithin(LONG);
		assertThat(handler.handled).hasValue(0);
		handler.goOn.countDown();
	}

	@Test
	void whenTheReplyIsNotRecognizedThenTheTimeoutSaysThatMessagesCameUnmatched() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		Frame.Codec forgetful = new Frame.Codec() {

			@Override
			public @Nullable Object responseId(Frame message) {
				return null;
			}

		};
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), forgetful, this.tcp.handler()));
		CompletableFuture<Frame> request = backend.getService("game", "game-1")
			.request(Frame.request(1, ""), Duration.ofSeconds(1));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(request::join)
			.withMessageEndingWith("; 1 messages arrived since the last reply and matched no request");
	}

	@Test
	void whenTheCodecTakesNothingThenTheTimeoutSaysHowMuchWaits() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		Frame.Codec patient = new Frame.Codec() {

			@Override
			public @Nullable Frame decode(ByteBuf in) {
				return null;
			}

		};
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), patient, this.tcp.handler()));
		CompletableFuture<Frame> request = backend.getService("game", "game-1")
			.request(Frame.request(1, ""), Duration.ofSeconds(1));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(request::join)
			.withMessageEndingWith("; 13 bytes wait undecoded: %s takes them for no whole message"
				.formatted(patient.getClass().getName()));
	}

	/** Handles nothing until it may, but for pings. */
	private static final class Busy implements TcpHandler<Frame> {

		private final CountDownLatch goOn = new CountDownLatch(1);

		private final AtomicInteger handled = new AtomicInteger();

		private final @Nullable Predicate<Frame> control;

		Busy(@Nullable Predicate<Frame> control) {
			this.control = control;
		}

		@Override
		public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
			if (this.goOn.await(LONG.toMillis(), TimeUnit.MILLISECONDS)) {
				this.handled.incrementAndGet();
			}
		}

		@Override
		public boolean onControl(TcpConnection<Frame> connection, Frame message) {
			if (this.control == null || !this.control.test(message)) {
				return false;
			}
			connection.send(Frame.push("pong"));
			return true;
		}

		@Override
		public boolean handlesControl() {
			return this.control != null;
		}

	}

}
