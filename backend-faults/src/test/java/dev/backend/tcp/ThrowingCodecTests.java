package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.backend.ConnectionLostException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TwoServices.assertAnswered;
import static dev.backend.tcp.TwoServices.assertOthersUntouched;
import static dev.backend.tcp.TwoServices.assertSameConnection;
import static dev.backend.tcp.TwoServices.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * A codec that throws, in any of its methods: the message fails or the connection is made
 * anew, and nothing else is harmed.
 */
@Timeout(60)
class ThrowingCodecTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final TwoServices services = new TwoServices(this.tcp);

	private static boolean bad(Frame frame) {
		return bad(frame.text());
	}

	private static boolean bad(String text) {
		return text.startsWith("bad");
	}

	private static void assertRejected(CompletableFuture<Frame> request, Trouble trouble) {
		assertThatExceptionOfType(CompletionException.class).isThrownBy(request::join)
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.ENCODING_FAILED))
			.withMessageContaining("game/game-1 at 127.0.0.1")
			.withMessageContaining("on purpose")
			.withRootCauseInstanceOf(trouble.throwable().getClass());
	}

	@ParameterizedTest
	@EnumSource
	void whenEncodeThrowsHalfWayThenOnlyThatMessageFails(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = this.services.start(new Frame.Codec() {
			@Override
			public void encode(Frame message, ByteBuf out) throws Exception {
				super.encode(message, out);
				if (bad(message)) {
					trouble.strike();
				}
			}
		}, this.services.handler());
		List<CompletableFuture<Frame>> requests = IntStream.range(0, 60)
			.mapToObj((i) -> request(backend, i, (i % 3 == 1) ? "bad" : "good " + i))
			.toList();
		backend.send("game", "game-1", Frame.push("bad push"));
		for (int i = 0; i < 60; i++) {
			if (i % 3 == 1) {
				assertRejected(requests.get(i), trouble);
			}
			else {
				assertThat(requests.get(i)).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("good " + i);
			}
		}
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> backend.broadcast(Frame.push("bad")));
		assertSameConnection(backend);
		assertThat(this.services.troubled().received()).noneMatch(ThrowingCodecTests::bad);
	}

	@ParameterizedTest
	@EnumSource
	void whenDecodeThrowsThenThatConnectionIsMadeAnewAndWhatCameBeforeIsHandled(Trouble trouble) throws Exception {
		assertDecodingFailureClosesTheConnection(new Frame.Codec() {
			@Override
			public @Nullable Frame decode(ByteBuf in) throws Exception {
				Frame frame = super.decode(in);
				return (frame != null && bad(frame)) ? trouble.strike() : frame;
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void whenTheIdOfAReplyCannotBeReadThenThatConnectionIsMadeAnew(Trouble trouble) throws Exception {
		assertDecodingFailureClosesTheConnection(new Frame.Codec() {
			@Override
			public @Nullable Object responseId(Frame message) {
				return bad(message) ? trouble.strike() : super.responseId(message);
			}
		});
	}

	@Test
	void whenDecodeReleasesItsBufferThenThatConnectionIsMadeAnew() throws Exception {
		assertDecodingFailureClosesTheConnection(new Frame.Codec() {
			@Override
			public @Nullable Frame decode(ByteBuf in) throws Exception {
				Frame frame = super.decode(in);
				if (frame != null && bad(frame)) {
					in.release();
					throw new IllegalStateException("released what is not its own");
				}
				return frame;
			}
		});
	}

	private void assertDecodingFailureClosesTheConnection(MessageCodec<Frame> codec) throws Exception {
		Queue<Throwable> causes = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = this.services.start(codec, new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				ThrowingCodecTests.this.services.handler().onMessage(connection, message);
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				causes.add(cause);
			}
		});
		AtomicInteger ends = new AtomicInteger();
		TcpService<Frame> service = backend.getService("game", "game-1");
		// Its answer is bad, and nothing after it is looked at.
		CompletableFuture<Frame> before = request(backend, 1, "good");
		assertThat(before).succeedsWithin(LONG);
		this.services.troubled().sendToAll(Frame.push("one"));
		this.services.troubled().sendToAll(Frame.push("two"));
		await().until(() -> this.services.handled().size() == 2);
		List<CompletableFuture<Frame>> lost = Stream.of("bad", "behind it")
			.map((text) -> service.request(Frame.request(text.length(), text), LONG))
			.toList();
		lost.forEach((request) -> request.whenComplete((reply, failure) -> ends.incrementAndGet()));
		assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> lost.get(0).join())
			.havingCause()
			.isInstanceOf(ConnectionLostException.class)
			.havingCause()
			.isInstanceOf(CodecException.class);
		await().until(() -> lost.get(1).isDone());
		await().until(() -> !causes.isEmpty());
		assertThat(causes.peek()).isInstanceOf(CodecException.class);
		assertAnswered(backend);
		assertThat(ends).hasValue(2);
		assertThat(this.services.handled()).containsExactly("game-1 one", "game-1 two");
		assertThat(backend.group("game").counters().connects()).isEqualTo(2);
		assertOthersUntouched(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheIdOfARequestCannotBeReadThenItsCallerHasTheProblem(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = this.services.start(new Frame.Codec() {
			@Override
			public @Nullable Object requestId(Frame message) {
				return bad(message) ? trouble.strike() : super.requestId(message);
			}
		}, this.services.handler());
		assertThatThrownBy(() -> request(backend, 1, "bad")).isSameAs(trouble.throwable());
		assertSameConnection(backend);
	}

	@ParameterizedTest
	@EnumSource(names = { "UNCHECKED", "STACK" })
	void whenAnIdCannotBeHashedOrComparedThenOnlyThatRequestFails(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = this.services.start(new Frame.Codec() {
			@Override
			public @Nullable Object requestId(Frame message) {
				return switch (message.text()) {
					case "bad hash" -> new BadHash(trouble);
					case "bad equals" -> new BadEquals(trouble);
					default -> message.text();
				};
			}

			@Override
			public @Nullable Object responseId(Frame message) {
				return (message.kind() == Frame.REPLY) ? message.text() : null;
			}
		}, this.services.handler());
		// In one batch, because dependents run on the event loop.
		TcpService<Frame> service = backend.getService("game", "game-1");
		List<CompletableFuture<Frame>> requests = request(backend, 1, "go")
			.thenApply((reply) -> Stream.of("one", "bad hash", "two", "bad equals", "bad equals", "three")
				.map((text) -> service.request(Frame.request(2, text), bad(text) ? Duration.ofMillis(500) : LONG))
				.toList())
			.get(20, TimeUnit.SECONDS);
		assertRejected(requests.get(1), trouble);
		// Nothing was there to compare the first of the two with.
		assertRejected(requests.get(4), trouble);
		for (int good : new int[] { 0, 2, 5 }) {
			assertThat(requests.get(good)).succeedsWithin(LONG);
		}
		assertThat(requests.get(3)).failsWithin(LONG);
		assertOthersUntouched(backend);
		assertThat(backend.group("game").counters().connects()).isOne();
	}

	private record BadHash(Trouble trouble) {

		@Override
		public int hashCode() {
			return this.trouble.strike();
		}

	}

	private record BadEquals(Trouble trouble) {

		@Override
		public boolean equals(Object other) {
			return this.trouble.strike();
		}

		@Override
		public int hashCode() {
			return 0;
		}

	}

	@ParameterizedTest
	@EnumSource
	void whenMessagesCannotBeLoggedThenTheyAreSentAndHandledAllTheSame(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = this.services.start(new Frame.Codec() {
			@Override
			public @Nullable Object messageId(Frame message) {
				return bad(message) ? trouble.strike() : "id";
			}
		}, this.services.handler());
		backend.settings(fast().withLogging(new MessageLogging(MessageLogLevel.DEBUG, Map.of())));
		assertThat(request(backend, 1, "bad")).succeedsWithin(LONG);
		assertThat(backend.broadcast(Frame.push("bad")).allAccepted()).isTrue();
		this.services.troubled().sendToAll(Frame.push("bad"));
		await().until(() -> this.services.handled().contains("game-1 bad"));
		assertSameConnection(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenExpectsReplyOrIsPushThrowsThenWhatWaitsBehindItIsNotMismatched(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = this.services.start(new Frame.Codec() {
			@Override
			public Correlation correlation() {
				return Correlation.IN_ORDER;
			}

			@Override
			public boolean expectsReply(Frame message) {
				return bad(message) ? trouble.strike() : super.expectsReply(message);
			}

			@Override
			public boolean isPush(Frame message) {
				return message.text().equals("bad push") ? trouble.strike() : message.kind() == Frame.PUSH;
			}
		}, this.services.handler());
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> first = request(backend, 1, "first");
		service.send(Frame.request(2, "bad"));
		assertThat(request(backend, 3, "third")).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("third");
		assertThat(first).succeedsWithin(LONG).extracting(Frame::text).isEqualTo("first");
		assertSameConnection(backend);
		this.services.troubled().sendToAll(Frame.push("bad push"));
		await().until(() -> backend.group("game").counters().connects() == 2);
		assertAnswered(backend);
		assertOthersUntouched(backend);
	}

}
