package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

import dev.backend.BackendService;
import dev.backend.ConnectionLostException;
import dev.backend.RequestTimeoutException;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import dev.backend.codec.MessageCodec;
import dev.backend.test.SlowTest;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.smallBuffers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Several messages that are handed over as one, on real sockets.
 */
@Timeout(60)
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class TcpBatchTests {

	private static final String BAD = "bad";

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private @Nullable TcpBackend<Frame> backend;

	private TcpBackend<Frame> backend() {
		return Objects.requireNonNull(this.backend);
	}

	private TcpService<Frame> start(TestServer server, TcpSettings settings, MessageCodec<Frame> codec)
			throws Exception {
		this.tcp.discoveredServer(server);
		this.backend = TcpFixture.ready(this.tcp.start(settings, codec, this.tcp.handler()));
		return this.backend.getService("game", "game-1");
	}

	private TcpService<Frame> start(TestServer server) throws Exception {
		return start(server, fast(), new PickyCodec());
	}

	private static TcpBatch<Frame> batch() {
		return new TcpBatch<>();
	}

	private static List<String> texts(TestServer server) {
		return server.received().stream().map(Frame::text).toList();
	}

	private static <X extends Throwable> void assertFailed(CompletableFuture<Frame> request, Class<X> type,
			String... texts) {
		assertThat(request).failsWithin(LONG)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(type)
			.satisfies((ex) -> assertThat(ex.getMessage()).contains(texts));
	}

	private static void assertRejected(CompletableFuture<Frame> request, SendResult reason, String... texts) {
		assertFailed(request, SendRejectedException.class, texts);
		assertThat(request.handle((reply, ex) -> ((SendRejectedException) ex).reason()).join()).isEqualTo(reason);
	}

	/** Fills what is between us and a peer that does not read. */
	private static void block(TestServer server, TcpService<Frame> service) {
		server.stopReading();
		String text = "x".repeat(32_000);
		await().during(Duration.ofMillis(300)).until(() -> {
			boolean blocked = service.queuedMessages() > 10;
			if (!blocked) {
				service.trySend(Frame.push(text));
			}
			return blocked;
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenManyThreadsSendTransactionsThenNoneIsMixedWithAnotherAndEachHasItsReplies(boolean inOrder)
			throws Exception {
		TestServer server = TestServer.echo("re ");
		TcpService<Frame> service = start(server, fast(), inOrder ? new InOrderCodec() : new PickyCodec());
		int threads = 4;
		int batches = 500;
		Queue<String> errors = new ConcurrentLinkedQueue<>();
		List<CompletableFuture<Void>> senders = IntStream.range(0, threads)
			.mapToObj((thread) -> CompletableFuture.runAsync(() -> {
				for (int i = 0; i < batches; i++) {
					int number = (thread * batches + i) * 2;
					service.send(Frame.push("single"));
					List<CompletableFuture<Frame>> replies = service.submit(batch().send(Frame.push("multi " + number))
						.request(Frame.request(number, "set " + number), LONG)
						.request(Frame.request(number + 1, "exec " + number), LONG));
					if (!replies.get(0).join().text().equals("re set " + number)
							|| !replies.get(1).join().text().equals("re exec " + number)) {
						errors.add("replies of " + number);
					}
				}
			}))
			.toList();
		senders.forEach(CompletableFuture::join);
		await().until(() -> server.received().size() == threads * batches * 4);
		assertThat(errors).isEmpty();
		List<String> texts = texts(server);
		for (int i = 0; i < texts.size(); i++) {
			if (texts.get(i).startsWith("multi ")) {
				String number = texts.get(i).substring(6);
				assertThat(texts.subList(i + 1, i + 3)).containsExactly("set " + number, "exec " + number);
			}
		}
		assertThat(service.pendingRequests()).isZero();
	}

	/** A batch is many times what the channel takes before it is not writable. */
	@Test
	void whenPeerReadsSlowlyThenBatchesAreStillWholeAndInOrder() throws Exception {
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server, fast().withLimits(smallBuffers()), new PickyCodec());
		block(server, service);
		String text = "x".repeat(20_000);
		for (int i = 0; i < 200; i++) {
			service.submit(batch().send(Frame.push("a" + i + text))
				.send(Frame.push("b" + i + text))
				.send(Frame.push("c" + i + text)));
		}
		server.resumeReading();
		await().until(() -> ofBatches(server).size() == 600);
		assertThat(ofBatches(server)).isEqualTo(
				IntStream.range(0, 200).boxed().flatMap((i) -> List.of("a" + i, "b" + i, "c" + i).stream()).toList());
	}

	/** Without what has filled the buffers before. */
	private static List<String> ofBatches(TestServer server) {
		return texts(server).stream().map((text) -> text.replace("x", "")).filter((text) -> !text.isEmpty()).toList();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenOneMessageCannotBeEncodedThenNoneIsWrittenAndItIsNamed(boolean inOrder) throws Exception {
		TestServer server = TestServer.echo("re ");
		TcpService<Frame> service = start(server, fast(), inOrder ? new InOrderCodec() : new PickyCodec());
		List<CompletableFuture<Frame>> replies = service.submit(batch().send(Frame.push("multi"))
			.request(Frame.request(1, "set"), LONG)
			.request(Frame.request(2, BAD), LONG)
			.send(Frame.push("exec")));
		replies.forEach((reply) -> assertRejected(reply, SendResult.ENCODING_FAILED, "game/game-1",
				"message 3 of the 4 of a batch, none is written"));
		assertThat(service.request(Frame.request(1, "after"), LONG).join().text()).isEqualTo("re after");
		assertThat(texts(server)).containsExactly("after");
		assertThat(service.counters().rejected()).isEqualTo(4);
		assertThat(service.counters().sentMessages()).isEqualTo(1);
	}

	@Test
	void whenTheCodecOfAConnectionCannotEncodeOneThenNoneIsWrittenAndTheConnectionEnds() throws Exception {
		TestServer server = TestServer.echo("");
		TcpService<Frame> service = start(server, fast(), new MessageCodec<>() {

			private final PickyCodec codec = new PickyCodec();

			@Override
			public void encode(Frame message, ByteBuf out) throws Exception {
				this.codec.encode(message, out);
			}

			@Override
			public @Nullable Frame decode(ByteBuf in) throws Exception {
				return this.codec.decode(in);
			}

			@Override
			public @Nullable Object requestId(Frame message) {
				return this.codec.requestId(message);
			}

			@Override
			public @Nullable Object responseId(Frame message) {
				return this.codec.responseId(message);
			}

			@Override
			public MessageCodec<Frame> forConnection(BackendService service) {
				return new PickyCodec();
			}

		});
		CompletableFuture<Frame> reply = service
			.submit(batch().request(Frame.request(1, "set"), LONG).send(Frame.push(BAD)))
			.get(0);
		assertRejected(reply, SendResult.ENCODING_FAILED, "message 2 of the 2");
		await().until(() -> service.counters().connects() == 2);
		assertThat(server.received()).isEmpty();
	}

	@Test
	void whenAnIdIsPendingAlreadyThenNoneIsWrittenAndTheOtherIdsAreFree() throws Exception {
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server);
		service.request(Frame.request(2, "first"), LONG);
		await().until(() -> service.pendingRequests() == 1);
		List<CompletableFuture<Frame>> replies = service.submit(batch().request(Frame.request(1, "a"), LONG)
			.request("text", Frame.request(3, "b"), LONG)
			.request(Frame.request(2, "c"), LONG));
		replies.forEach((reply) -> assertRejected(reply, SendResult.DUPLICATE_REQUEST_ID, "duplicate request id: 2",
				"message 3 of the 3"));
		List<CompletableFuture<Frame>> twice = service
			.submit(batch().request(Frame.request(7, "d"), LONG).request(Frame.request(7, "e"), LONG));
		twice.forEach((reply) -> assertRejected(reply, SendResult.DUPLICATE_REQUEST_ID, "duplicate request id: 7"));
		assertThat(service.pendingRequests()).isEqualTo(1);
		CompletableFuture<Frame> free = service.request(Frame.request(1, "free"), LONG);
		await().until(() -> server.received().size() == 2);
		assertThat(texts(server)).containsExactly("first", "free");
		assertThat(free).isNotDone();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenNotAllRepliesHaveAPlaceThenNoneIsWritten(boolean inOrder) throws Exception {
		TcpLimits limits = TcpLimits.defaults();
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server, fast().withLimits(limits.withPendingRequests(3)),
				inOrder ? new InOrderCodec() : new PickyCodec());
		service.request(Frame.request(1, "first"), LONG);
		TcpBatch<Frame> batch = batch().request(Frame.request(2, "a"), LONG).request(Frame.request(3, "b"), LONG);
		List<CompletableFuture<Frame>> fits = service.submit(batch);
		await().until(() -> service.pendingRequests() == 3);
		CompletableFuture<Frame> refused = service.submit(batch().request(Frame.request(4, "c"), LONG)).get(0);
		assertRejected(refused, SendResult.TOO_MANY_PENDING,
				"3 and 1 of a batch (expected: at most 3, backend.tcp.limits.pending-requests)");
		assertThat(fits).noneMatch(CompletableFuture::isDone);
		assertThat(texts(server)).doesNotContain("c");
	}

	@Test
	void whenAMessageWithoutARequestHasAReplyThenItTakesItsPlaceInTheBatch() throws Exception {
		TestServer server = TestServer.echo("re ");
		TcpService<Frame> service = start(server, fast(), new InOrderCodec());
		for (int i = 0; i < 20; i++) {
			CompletableFuture<Frame> exec = service
				.submit(batch().send(Frame.request(0, "multi"))
					.send(Frame.push("no reply"))
					.request(Frame.request(0, "exec " + i), LONG))
				.get(0);
			assertThat(exec.join().text()).isEqualTo("re exec " + i);
		}
		await().until(() -> this.tcp.handler().messages.size() == 20);
		assertThat(this.tcp.handler().messages).extracting(Frame::text).containsOnly("re multi");
	}

	@Test
	void whenABatchIsTooLargeThenItIsRefusedAndTheBoundIsNamed() throws Exception {
		TcpLimits limits = TcpLimits.defaults()
			.withQueuedMessages(10)
			.withOutboundBytes(1 << 20)
			.withPendingRequests(100)
			.withInboundMessages(100)
			.withFrameBytes(1_000)
			.withConcurrentDials(1);
		TestServer server = TestServer.echo("");
		TcpService<Frame> service = start(server, fast().withLimits(limits), new PickyCodec());
		TcpBatch<Frame> many = batch();
		IntStream.range(0, 11).forEach((i) -> many.send(Frame.push("many")));
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> service.submit(many))
			.withMessage("game/game-1 at %s: batch too large: 11 messages (expected: at most 10, "
				.formatted(service.config().label().split(" at ")[1]) + "backend.tcp.limits.queued-messages)")
			.matches((ex) -> ex.reason() == SendResult.BATCH_TOO_LARGE);
		TcpBatch<Frame> large = batch();
		IntStream.range(0, 3).forEach((i) -> large.request(Frame.request(i, "x".repeat(400)), LONG));
		service.submit(large)
			.forEach((reply) -> assertRejected(reply, SendResult.BATCH_TOO_LARGE,
					"1239 bytes up to message 3 of 3 (expected: at most 1000, backend.tcp.limits.frame-bytes)"));
		assertThat(service.request(Frame.request(1, "after"), LONG).join().text()).isEqualTo("after");
		assertThat(texts(server)).containsExactly("after");
		assertThatIllegalArgumentException().isThrownBy(() -> service.submit(batch()))
			.withMessageContaining("batch of no messages");
		assertThatIllegalArgumentException().isThrownBy(() -> batch().request(Frame.request(1, ""), Duration.ZERO));
	}

	@Test
	void whenTheQueueHasNoPlaceForAllThenTheBatchIsRefusedAndTellsItsRequests() throws Exception {
		TcpLimits limits = TcpLimits.defaults()
			.withQueuedMessages(20)
			.withOutboundBytes(64 * 1024)
			.withPendingRequests(100)
			.withInboundMessages(100)
			.withFrameBytes(64 * 1024)
			.withConcurrentDials(1);
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server, fast().withLimits(limits), new PickyCodec());
		List<RequestOutcome> outcomes = new ArrayList<>();
		backend().observeRequests((to, message) -> (outcome, failure, nanos) -> outcomes.add(outcome));
		block(server, service);
		while (service.queuedMessages() < 18) {
			service.send(Frame.push("fill"));
		}
		long rejected = service.counters().rejected();
		assertThatExceptionOfType(SendRejectedException.class)
			.isThrownBy(() -> service.submit(batch().send(Frame.push("a"))
				.request(Frame.request(1, "b"), LONG)
				.request(Frame.request(2, "c"), LONG)))
			.matches((ex) -> ex.reason() == SendResult.QUEUE_FULL);
		assertThat(outcomes).containsExactly(RequestOutcome.REJECTED, RequestOutcome.REJECTED);
		assertThat(service.counters().rejected()).isEqualTo(rejected + 3);
		assertThat(service.queuedMessages()).isEqualTo(18);
		service.submit(batch().send(Frame.push("d")).send(Frame.push("e")));
		assertThat(service.queuedMessages()).isEqualTo(20);
		server.resumeReading();
		await().until(() -> texts(server).contains("e"));
		assertThat(texts(server)).doesNotContain("a", "b", "c");
	}

	@Test
	void whenOneDeadlineComesBeforeTheBatchIsWrittenThenNothingOfItIs() throws Exception {
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server, fast().withLimits(smallBuffers()), new PickyCodec());
		block(server, service);
		List<CompletableFuture<Frame>> replies = service.submit(batch().send(Frame.push("multi"))
			.request(Frame.request(1, "set"), Duration.ofMillis(50))
			.request(Frame.request(2, "exec"), LONG));
		replies.forEach((reply) -> {
			assertFailed(reply, RequestTimeoutException.class, "before it could be written");
			assertThat(reply.handle((frame, ex) -> ((RequestTimeoutException) ex).written()).join()).isFalse();
		});
		await().until(() -> service.counters().timeouts() == 2 && service.counters().dropped() == 1);
		service.send(Frame.push("last"));
		server.resumeReading();
		await().until(() -> texts(server).contains("last"));
		assertThat(texts(server)).doesNotContain("multi", "set", "exec");
		assertThat(service.counters().dropped()).isOne();
		assertThat(service.pendingRequests()).isZero();
	}

	@Test
	void whenOneRequestIsCancelledBeforeTheBatchIsWrittenThenNothingOfItIs() throws Exception {
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server, fast().withLimits(smallBuffers()), new PickyCodec());
		block(server, service);
		List<CompletableFuture<Frame>> replies = service
			.submit(batch().request(Frame.request(1, "set"), LONG).request(Frame.request(2, "exec"), LONG));
		replies.get(0).cancel(false);
		service.send(Frame.push("last"));
		server.resumeReading();
		await().until(() -> texts(server).contains("last"));
		assertThat(replies.get(1)).isCancelled();
		assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> replies.get(1).join());
		assertThat(texts(server)).doesNotContain("set", "exec");
	}

	@Test
	void whenClosedOnPurposeThenABatchOfMessagesIsWrittenAndOneWithARequestIsNot() throws Exception {
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server, fast().withLimits(smallBuffers()), new PickyCodec());
		block(server, service);
		service.submit(batch().send(Frame.push("a")).send(Frame.push("b")));
		CompletableFuture<Frame> lost = service
			.submit(batch().send(Frame.push("c")).request(Frame.request(1, "d"), LONG))
			.get(0);
		service.reconnect("as told");
		assertFailed(lost, ConnectionLostException.class, "connection lost");
		server.resumeReading();
		await().until(() -> texts(server).contains("b"));
		assertThat(texts(server)).doesNotContain("c", "d");
		assertThat(service.counters().dropped()).isOne();
	}

	@Test
	void whenTheConnectionGivesOutIdsThenEachRequestOfABatchHasItsOwn() throws Exception {
		TestServer server = TestServer.echo("re ");
		TcpService<Frame> service = start(server, fast(), new IdCodec(16));
		TcpBatch<Frame> batch = batch().request(Frame.request(0, "a"), LONG)
			.send(Frame.push("b"))
			.request(Frame.request(0, "c"), LONG);
		for (int i = 0; i < 20; i++) {
			assertThat(service.submit(batch)).extracting((reply) -> reply.join().text())
				.containsExactly("re a", "re c");
		}
		assertThat(server.received()).filteredOn((frame) -> frame.kind() == Frame.REQUEST)
			.extracting(Frame::id)
			.hasSize(40)
			.doesNotHaveDuplicates();
		assertThat(service.pendingRequests()).isZero();
	}

	@Test
	void whenGivenARouteThenTheBatchGoesToItsOwner() throws Exception {
		TestServer server = TestServer.echo("re ");
		start(server);
		TcpBackend<Frame> backend = backend();
		TcpBatch<Frame> batch = batch().request(Frame.request(1, "a"), LONG);
		assertThat(backend.submit("game", Route.hash("user").tries(2), batch).get(0).join().text()).isEqualTo("re a");
		assertThat(backend.submit("game", "game-1", batch).get(0).join().text()).isEqualTo("re a");
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.submit("game", Route.hash("user").tag("none"), batch));
	}

	/** Cannot encode everything. */
	private static class PickyCodec extends Frame.Codec {

		@Override
		public void encode(Frame message, ByteBuf out) throws Exception {
			super.encode(message, out);
			if (message.text().equals(BAD)) {
				throw new IllegalStateException("as told");
			}
		}

	}

	private static final class InOrderCodec extends PickyCodec {

		@Override
		public Correlation correlation() {
			return Correlation.IN_ORDER;
		}

		@Override
		public boolean expectsReply(Frame message) {
			return message.kind() == Frame.REQUEST;
		}

	}

}
