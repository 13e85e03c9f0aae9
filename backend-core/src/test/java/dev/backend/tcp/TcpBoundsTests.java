package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.smallBuffers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The bounds of a {@link TcpBackend}: peers that do not read, large frames, codecs that
 * fail.
 */
@Timeout(60)
class TcpBoundsTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenPeerDoesNotReadThenSendsAreRefusedByNameAndMemoryIsBounded() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpSettings settings = fast().withLimits(TcpLimits.defaults()
			.withQueuedMessages(100)
			.withOutboundBytes(1 << 20)
			.withPendingRequests(100)
			.withInboundMessages(50)
			.withConcurrentDials(64));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, this.tcp.handler()));
		server.stopReading();
		TcpService<Frame> service = backend.getService("game", "game-1");
		Frame large = Frame.push("x".repeat(100_000));
		await().pollInterval(Duration.ofMillis(1)).until(() -> service.trySend(large) == SendResult.QUEUE_FULL);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> {
			while (true) {
				service.send(large);
			}
		}).withMessageContaining("game/game-1 at 127.0.0.1").withMessageContaining("queue of waiting messages full");
		assertThat(service.queuedMessages()).isLessThanOrEqualTo(200);
		server.resumeReading();
		await().until(() -> service.trySend(Frame.push("after")).accepted());
		await().until(() -> server.received().stream().anyMatch((frame) -> frame.text().equals("after")));
	}

	@Test
	void whenFlushEmptiesTheChannelAtOnceThenWhatWasHeldBackIsWrittenToo() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withLimits(smallBuffers()), this.tcp.handler()));
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
	void whenMessagesComeFasterThanTheyAreHandledThenNoMoreThanTheBoundWait() throws Exception {
		int bound = 8;
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		AtomicInteger most = new AtomicInteger();
		AtomicInteger handled = new AtomicInteger();
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				most.accumulateAndGet(connection.service().backlog().size(), Math::max);
				if (handled.incrementAndGet() % 5 == 0) {
					Thread.yield();
				}
			}
		};
		TcpFixture.ready(this.tcp.start(fast().withLimits(TcpLimits.defaults()
			.withQueuedMessages(100)
			.withOutboundBytes(1 << 20)
			.withPendingRequests(100)
			.withInboundMessages(bound)
			.withConcurrentDials(64)), handler));
		for (int i = 0; i < 20_000; i++) {
			server.sendToAll(Frame.push("x"));
		}
		await().until(() -> handled.get() == 20_000);
		assertThat(most).hasValueLessThanOrEqualTo(bound);
	}

	@Test
	void whenFrameIsOverTheLimitThenItIsRefusedAndOthersAreNotHarmed() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		CopyOnWriteArrayList<@Nullable Throwable> causes = new CopyOnWriteArrayList<>();
		TcpSettings settings = fast().withLimits(TcpLimits.defaults()
			.withQueuedMessages(100)
			.withOutboundBytes(1 << 20)
			.withPendingRequests(100)
			.withInboundMessages(50)
			.withFrameBytes(100)
			.withConcurrentDials(64));
		TcpBackend<Frame> backend = this.tcp.start(settings, this.tcp.handler(), new BackendListener() {
			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				causes.add(cause);
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> large = service.request(Frame.request(1, "x".repeat(88)), LONG);
		CompletableFuture<Frame> small = service.request(Frame.request(2, "x".repeat(87)), LONG);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(large::join)
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.FRAME_TOO_LARGE))
			.withMessageContaining("101 bytes (expected: at most 100, backend.tcp.limits.frame-bytes)");
		assertThat(small.get().text()).hasSize(87);
		assertThat(service.trySendBytes(new byte[101])).isEqualTo(SendResult.FRAME_TOO_LARGE);
		server.sendToAll(Frame.push("x".repeat(200)));
		await().until(() -> causes.size() == 1);
		assertThat(causes.get(0)).isInstanceOf(CodecException.class)
			.hasMessageContaining("game/game-1 at 127.0.0.1")
			.hasMessageContaining("(expected: at most 100, backend.tcp.limits.frame-bytes)");
		await().until(() -> backend.group("game").counters().connects() == 2);
	}

	@Test
	void whenCodecFailsToEncodeThenOnlyThatMessageFails() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		MessageCodec<Frame> codec = new Frame.Codec() {
			@Override
			public void encode(Frame message, ByteBuf out) throws Exception {
				super.encode(message, out);
				if (message.text().equals("bad")) {
					throw new IllegalStateException("on purpose");
				}
			}
		};
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), codec, this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		service.send(Frame.request(0, "bad"));
		CompletableFuture<Frame> bad = service.request(Frame.request(1, "bad"), LONG);
		CompletableFuture<Frame> good = service.request(Frame.request(1, "good"), LONG);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(bad::join)
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.ENCODING_FAILED))
			.withMessageContaining("on purpose");
		assertThat(good.get().text()).isEqualTo("good");
		assertThat(server.received()).extracting(Frame::text).containsExactly("good");
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> backend.broadcast(Frame.push("bad")));
		assertThat(backend.group("game").counters().connects()).isEqualTo(1);
	}

	@Test
	void whenCodecFailsToDecodeThenConnectionIsClosedAndMadeAgain() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		CopyOnWriteArrayList<@Nullable Throwable> causes = new CopyOnWriteArrayList<>();
		TcpBackend<Frame> backend = this.tcp.start(fast(), this.tcp.handler(), new BackendListener() {
			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				causes.add(cause);
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().until(() -> !server.connections().isEmpty());
		server.connections().forEach((socket) -> TestServer.send(socket, new byte[] { 0, 0, 0, 1, 1 }));
		await().until(() -> backend.group("game").counters().connects() == 2);
		await().until(() -> causes.size() == 1);
		assertThat(causes.get(0)).isInstanceOf(CodecException.class)
			.hasMessageContaining("length: 1 (expected: at least 9)");
		await().untilAsserted(
				() -> assertThat(backend.request("game", Route.any(), Frame.request(1, "x"), LONG).get().text())
					.isEqualTo("x"));
	}

}
