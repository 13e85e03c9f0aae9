package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import dev.backend.ConnectionLostException;
import dev.backend.RequestTimeoutException;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.MessageCodec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Requests of a {@link TcpBackend} and how each ends.
 */
@Timeout(60)
class TcpRequestTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenRequestIsSentThenItsReplyCompletesIt() throws Exception {
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", this.tcp.server(TestServer.echo("hi "))));
		assertThat(backend.request("game", Route.any(), Frame.request(1, "bob"), LONG).get().text())
			.isEqualTo("hi bob");
		assertThat(backend.request("game", "game-1", Frame.request(2, "eve"), LONG).get().text()).isEqualTo("hi eve");
		await().until(() -> backend.group("game").counters().replies() == 2);
		assertThat(this.tcp.handler().messages).isEmpty();
	}

	@Test
	void whenManyRequestsAreInFlightThenEachGetsItsOwnReply() throws Exception {
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", this.tcp.server(TestServer.echo(""))));
		List<CompletableFuture<Frame>> replies = new ArrayList<>();
		for (int i = 0; i < 5_000; i++) {
			replies.add(backend.request("game", Route.any(), Frame.request(i * 31L, "m" + i), LONG));
		}
		for (int i = 0; i < replies.size(); i++) {
			assertThat(replies.get(i).get()).isEqualTo(new Frame(Frame.REPLY, i * 31L, "m" + i));
		}
		assertThat(backend.getService("game", "game-1").pendingRequests()).isZero();
	}

	@Test
	void whenIdIsNoNumberOrNamedByTheCallerThenReplyIsFoundAllTheSame() throws Exception {
		this.tcp.discover(instance("game-1", this.tcp.server(TestServer.echo(""))));
		MessageCodec<Frame> codec = new Frame.Codec() {
			@Override
			public @Nullable Object requestId(Frame message) {
				return null;
			}

			@Override
			public @Nullable Object responseId(Frame message) {
				return "id-" + message.id();
			}
		};
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), codec, this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		assertThat(service.request("id-7", Frame.request(7, "x"), LONG).get().text()).isEqualTo("x");
		assertThatIllegalArgumentException().isThrownBy(() -> service.request(Frame.request(7, "x"), LONG))
			.withMessageContaining("game/game-1 at 127.0.0.1")
			.withMessageContaining("requestId");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> service.request("id", Frame.request(7, "x"), Duration.ZERO))
			.withMessageContaining("0s (expected: > 0)");
	}

	@Test
	void whenNoReplyComesThenRequestTimesOutAndLateReplyGoesToTheHandler() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = this.tcp.server(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("late")))));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", server));
		CompletableFuture<Frame> reply = backend.request("game", Route.any(), Frame.request(5, "x"),
				Duration.ofSeconds(1));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(reply::join)
			.havingCause()
			.isInstanceOfSatisfying(RequestTimeoutException.class, (ex) -> assertThat(ex.written()).isTrue())
			.withMessageContaining("game/game-1 at 127.0.0.1");
		assertThat(answer).succeedsWithin(LONG);
		answer.get().run();
		await().untilAsserted(
				() -> assertThat(this.tcp.handler().messages).extracting(Frame::text).containsExactly("late"));
		assertThat(backend.group("game").counters().unmatchedReplies()).isEqualTo(1);
		await().until(() -> backend.group("game").counters().timeouts() == 1);
	}

	@Test
	void whenIdIsPendingThenSecondRequestWithItIsRejectedAndFirstGoesOn() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = this.tcp.server(new TestServer(
				(socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("first")))));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", server));
		CompletableFuture<Frame> first = backend.request("game", Route.any(), Frame.request(9, "a"), LONG);
		CompletableFuture<Frame> second = backend.request("game", Route.any(), Frame.request(9, "b"), LONG);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(second::join)
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.DUPLICATE_REQUEST_ID))
			.withMessageContaining("9");
		assertThat(answer).succeedsWithin(LONG);
		answer.get().run();
		assertThat(first.get().text()).isEqualTo("first");
		assertThat(server.received()).extracting(Frame::text).containsExactly("a");
	}

	@Test
	void whenConnectionIsLostThenPendingRequestFailsAndServiceReconnects() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", server));
		CompletableFuture<Frame> reply = backend.request("game", Route.any(), Frame.request(1, "x"), LONG);
		await().until(() -> !server.received().isEmpty());
		server.dropConnections();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(reply::join)
			.havingCause()
			.isInstanceOfSatisfying(ConnectionLostException.class, (ex) -> assertThat(ex.written()).isTrue());
		await().until(() -> backend.group("game").counters().connects() == 2);
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().untilAsserted(() -> assertThat(this.tcp.handler().calls).containsExactly("connected game-1",
				"disconnected game-1", "connected game-1"));
	}

	@Test
	void whenRequestTimesOutBeforeItIsWrittenThenItIsNeverWritten() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpSettings settings = fast().withLimits(TcpLimits.defaults()
			.withQueuedMessages(1_000)
			.withOutboundBytes(64 << 10)
			.withPendingRequests(100)
			.withInboundMessages(50)
			.withConcurrentDials(64));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, this.tcp.handler()));
		server.stopReading();
		TcpService<Frame> service = backend.getService("game", "game-1");
		Frame large = Frame.push("x".repeat(100_000));
		await().pollInterval(Duration.ofMillis(1)).until(() -> {
			service.trySend(large);
			return service.queuedMessages() > 100;
		});
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "too late"), Duration.ofMillis(50));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(reply::join)
			.havingCause()
			.isInstanceOfSatisfying(RequestTimeoutException.class, (ex) -> assertThat(ex.written()).isFalse());
		server.resumeReading();
		await().until(() -> service.trySend(Frame.push("after")).accepted());
		await().until(() -> server.received().stream().anyMatch((frame) -> frame.text().equals("after")));
		assertThat(server.received()).extracting(Frame::text).doesNotContain("too late");
	}

	@Test
	void whenReplyIsAwaitedOnAnEventLoopThenItFailsWithASentence() throws Exception {
		CompletableFuture<Void> attached = new CompletableFuture<>();
		TestServer server = this.tcp.server(new TestServer((socket, frame) -> {
			attached.join();
			TestServer.send(socket, frame.reply(frame.text()));
		}));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", server));
		CompletableFuture<Frame> result = backend.request("game", Route.any(), Frame.request(1, "a"), LONG)
			.thenApply((reply) -> backend.request("game", Route.any(), Frame.request(2, "b"), LONG).join());
		attached.complete(null);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(result::join)
			.havingCause()
			.isInstanceOf(IllegalStateException.class)
			.withMessageContaining("event loop");
		CompletableFuture<Frame> composed = backend.request("game", Route.any(), Frame.request(3, "a"), LONG)
			.thenCompose((reply) -> backend.request("game", Route.any(), Frame.request(4, "b"), LONG));
		assertThat(composed.get().text()).isEqualTo("b");
	}

}
