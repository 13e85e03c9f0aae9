package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;

import dev.backend.BackendService;
import dev.backend.ConnectionLostException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.MessageCodec.Correlation;
import dev.backend.tcp.CountingCodec.Own;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Codecs that {@link MessageCodec#forConnection} makes for each connection.
 */
@Timeout(60)
class ConnectionCodecTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final CountingCodec codec = new CountingCodec();

	private TcpBackend<Frame> start() {
		return this.tcp.start(fast(), this.codec, this.tcp.handler());
	}

	private TcpBackend<Frame> startWith(TestServer server) throws Exception {
		this.tcp.discoveredServer(server);
		return TcpFixture.ready(start());
	}

	private static TcpService<Frame> game(TcpBackend<Frame> backend) {
		return backend.getService("game", "game-1");
	}

	private static String ask(TcpService<Frame> service, String text) {
		return service.request(Frame.request(text.hashCode(), text), LONG).join().text();
	}

	/** Runs on the event loop of the service, so that the writer takes all in one run. */
	private static <T> T inOneBurst(TcpService<Frame> service, Function<TcpService<Frame>, T> sends) {
		return service.request(Frame.request(-1, "first"), LONG).thenApply((reply) -> sends.apply(service)).join();
	}

	private static List<String> texts(TestServer server) {
		return server.received().stream().map(Frame::text).toList();
	}

	/** The text in front of the number. */
	private static List<String> names(TestServer server) {
		return texts(server).stream().map((text) -> text.split("#")[0]).toList();
	}

	private static void assertLost(CompletableFuture<Frame> request, boolean written) {
		assertThat(request).failsWithin(LONG)
			.withThrowableThat()
			.havingCause()
			.isInstanceOfSatisfying(ConnectionLostException.class, (ex) -> assertThat(ex.written()).isEqualTo(written));
	}

	private static void assertRejected(CompletableFuture<Frame> request, SendResult reason) {
		assertThat(request).failsWithin(LONG)
			.withThrowableThat()
			.havingCause()
			.isInstanceOfSatisfying(SendRejectedException.class, (ex) -> assertThat(ex.reason()).isEqualTo(reason));
	}

	@Test
	void whenACodecMakesNoneThenItServesEveryConnectionItself() throws Exception {
		AtomicReference<Object> seen = new AtomicReference<>();
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		MessageCodec<Frame> codec = new Frame.Codec();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), codec, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				seen.set(connection.codec(MessageCodec.class));
			}
		}));
		assertThat(seen).hasValue(codec);
		game(backend).sendBytes(new byte[] { 0, 0, 0, 9, 'p', 0, 0, 0, 0, 0, 0, 0, 1 });
		await().until(() -> server.received().equals(List.of(new Frame('p', 1, ""))));
	}

	@Test
	void whenAServiceConnectsAgainThenANewCodecBeginsWithoutTheStateOfTheLast() throws Exception {
		TestServer server = TestServer.echo("");
		TcpBackend<Frame> backend = startWith(server);
		assertThat(ask(game(backend), "a")).isEqualTo("a#1@1");
		assertThat(ask(game(backend), "b")).isEqualTo("b#2@2");
		server.dropConnections();
		await().until(() -> backend.group("game").counters().connects() == 2);
		TcpFixture.ready(backend);
		assertThat(ask(game(backend), "c")).isEqualTo("c#1@1");
		assertThat(this.codec.made).hasSize(2)
			.doesNotHaveDuplicates()
			.extracting((own) -> own.service)
			.allSatisfy((service) -> assertThat(service).isSameAs(game(backend)));
	}

	@Test
	void whenThereAreSeveralServicesThenTheCodecOfEachIsMadeForIt() throws Exception {
		TestServer server = this.tcp.server(TestServer.echo(""));
		this.tcp.discover(instance("game-1", server), instance("game-2", server));
		TcpBackend<Frame> backend = TcpFixture.ready(start());
		for (String id : List.of("game-1", "game-2")) {
			assertThat(ask(backend.getService("game", id), "a")).isEqualTo("a#1@1");
			assertThat(ask(backend.getService("game", id), "b")).isEqualTo("b#2@2");
		}
		assertThat(this.codec.made).extracting((own) -> own.service.id()).containsExactlyInAnyOrder("game-1", "game-2");
	}

	@ParameterizedTest
	@EnumSource
	void theCodecOfTheConnectionHandlesItsBytesOnTheEventLoopAndThatOfTheBackendDoesTheRest(Correlation correlation)
			throws Exception {
		RecordingCodec codec = new RecordingCodec(correlation);
		AtomicReference<Object> traced = new AtomicReference<>();
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.start(codec, this.tcp.handler(),
				(builder) -> builder
					.settings(fast().withDispatch(DispatchMode.ORDERED_BY_KEY)
						.withLogging(new MessageLogging(MessageLogLevel.DEBUG, Map.of()))
						.withLiveness(new TcpLiveness(Duration.ofMillis(20), Duration.ofMinutes(1), Duration.ZERO,
								Duration.ZERO, Duration.ZERO)))
					.instrumentation(new TcpInstrumentation() {
						@Override
						public <M> @Nullable RequestObserver<M> requestObserver(MessageCodec<M> codec) {
							traced.set(codec);
							return null;
						}
					}));
		TcpFixture.ready(backend);
		game(backend).send(Frame.push("one way"));
		assertThat(ask(game(backend), "reply")).isEqualTo("reply");
		server.sendToAll(Frame.push("push"));
		await().until(() -> !this.tcp.handler().messages.isEmpty());
		await().until(() -> codec.own().calls.containsKey("heartbeat"));
		boolean byId = correlation == Correlation.BY_ID;
		Set<String> own = byId ? Set.of("encode", "decode", "heartbeat", "responseId")
				: Set.of("encode", "decode", "heartbeat", "isPush", "expectsReply");
		assertThat(codec.own().calls).containsOnlyKeys(own)
			.allSatisfy((method, threads) -> assertThat(threads).as(method).singleElement().asString().contains("-io"));
		assertThat(codec.calls)
			.containsOnlyKeys(byId ? Set.of("forConnection", "correlation", "requestId", "messageId", "orderKey")
					: Set.of("forConnection", "correlation", "messageId", "orderKey"));
		assertThat(codec.calls.get("forConnection")).isEqualTo(codec.own().calls.get("encode"));
		assertThat(traced).hasValue(codec);
	}

	@ParameterizedTest
	@EnumSource(names = { "ENCODING_FAILED", "FRAME_TOO_LARGE" })
	void whenAMessageCannotBeSentThenWhatStoodBeforeItIsAndNothingBehindIt(SendResult reason) throws Exception {
		String bad = (reason == SendResult.ENCODING_FAILED) ? "bad" : "x".repeat(TcpLimits.defaults().frameBytes() + 1);
		TestServer server = TestServer.echo("");
		TcpBackend<Frame> backend = startWith(server);
		TcpCounters counters = backend.group("game").counters();
		List<CompletableFuture<Frame>> requests = inOneBurst(game(backend), (service) -> {
			IntStream.range(0, 10).forEach((i) -> service.send(Frame.push("before " + i)));
			CompletableFuture<Frame> before = service.request(Frame.request(1, "before"), LONG);
			CompletableFuture<Frame> failed = service.request(Frame.request(2, bad), LONG);
			CompletableFuture<Frame> behind = service.request(Frame.request(3, "behind"), LONG);
			IntStream.range(0, 10).forEach((i) -> service.send(Frame.push("behind")));
			return List.of(before, failed, behind);
		});
		assertRejected(requests.get(1), reason);
		assertLost(requests.get(0), true);
		assertLost(requests.get(2), false);
		await().until(() -> counters.connects() == 2);
		TcpFixture.ready(backend);
		assertThat(ask(game(backend), "again")).isEqualTo("again#1@1");
		assertThat(texts(server)).containsSubsequence("first#1", "before 0#2", "before 9#11", "before#12", "again#1")
			.hasSize(13);
		assertThat(counters.dropped()).isEqualTo(10);
		assertThat(counters.rejected()).isEqualTo(1);
		assertThat(counters.lost()).isEqualTo(2);
	}

	@Test
	void whenAMessageWithoutAReplyCannotBeEncodedThenTheReasonOfTheEndSaysSo() throws Exception {
		CompletableFuture<@Nullable Throwable> cause = new CompletableFuture<>();
		this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), this.codec, new TcpHandler<>() {
			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable failure) {
				cause.complete(failure);
			}
		}));
		game(backend).send(Frame.push("bad"));
		assertThat(cause.get(LONG.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(SendRejectedException.class)
			.hasMessageContaining("game/game-1 at 127.0.0.1")
			.hasMessageContaining("encoding failed")
			.hasMessageContaining("on purpose");
		assertThat(backend.group("game").counters().rejected()).isEqualTo(1);
	}

	@Test
	void whenAHeartbeatCannotBeEncodedThenThatEndsTheConnectionAndIsNotCounted() throws Exception {
		CompletableFuture<@Nullable Throwable> cause = new CompletableFuture<>();
		this.tcp.discoveredServer(TestServer.silent());
		CountingCodec codec = new CountingCodec() {
			@Override
			public MessageCodec<Frame> forConnection(BackendService service) {
				return new Own(service) {
					@Override
					public Frame heartbeat() {
						return Frame.push("bad heartbeat");
					}
				};
			}
		};
		TcpLiveness liveness = new TcpLiveness(Duration.ofMillis(20), Duration.ofMinutes(1), Duration.ZERO,
				Duration.ZERO, Duration.ZERO);
		TcpBackend<Frame> backend = this.tcp.start(fast().withLiveness(liveness), codec, new TcpHandler<>() {
			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable failure) {
				cause.complete(failure);
			}
		});
		assertThat(cause.get(LONG.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(SendRejectedException.class)
			.hasMessageContaining("game/game-1 at 127.0.0.1")
			.hasMessageContaining("encoding failed");
		TcpCounters counters = backend.group("game").counters();
		assertThat(counters.heartbeats()).isZero();
		assertThat(counters.rejected()).isZero();
	}

	@Test
	void whenMuchStandsBeforeAMessageThatCannotBeEncodedThenAllOfItIsWritten() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(this.codec, this.tcp.handler(),
				(builder) -> builder.clientCustomizer((client) -> client.option(ChannelOption.SO_SNDBUF, 16 * 1024))));
		String large = "x".repeat(100_000);
		inOneBurst(game(backend), (service) -> {
			IntStream.range(0, 10).forEach((i) -> service.send(Frame.push(large)));
			service.send(Frame.push("bad"));
			service.send(Frame.push("behind"));
			return true;
		});
		await().until(() -> backend.group("game").counters().disconnects() == 1);
		await().until(() -> server.received().size() >= 11);
		assertThat(names(server)).hasSize(11).doesNotContain("bad", "behind");
		assertThat(backend.group("game").counters().dropped()).isEqualTo(1);
	}

	/** What was accepted is written then, as far as it can be. */
	@Test
	void whenAMessageCannotBeEncodedWhileTheConnectionClosesThenOnlyWhatStoodBeforeItIsWritten() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(this.codec, this.tcp.handler(),
				(builder) -> builder.settings(fast().withLimits(TcpFixture.smallBuffers()))
					.clientCustomizer((client) -> client.option(ChannelOption.SO_SNDBUF, 16 * 1024))));
		TcpService<Frame> service = game(backend);
		ask(service, "first");
		server.stopReading();
		IntStream.range(0, 40).forEach((i) -> service.send(Frame.push("x".repeat(20_000))));
		service.send(Frame.push("bad"));
		service.send(Frame.push("behind"));
		await().until(() -> service.queuedMessages() > 0);
		service.reconnect("on purpose");
		server.resumeReading();
		await().until(() -> backend.group("game").counters().disconnects() == 1);
		await().until(() -> server.received().size() >= 41);
		assertThat(names(server)).hasSize(41).doesNotContain("bad", "behind");
		assertThat(backend.group("game").counters().dropped()).isEqualTo(1);
	}

	@Test
	void whenAMessageIsRefusedBeforeItIsEncodedThenTheConnectionGoesOn() throws Exception {
		TestServer server = TestServer.silent();
		TcpBackend<Frame> backend = startWith(server);
		CompletableFuture<Frame> first = game(backend).request(Frame.request(1, "one"), LONG);
		assertRejected(game(backend).request(Frame.request(1, "one"), LONG), SendResult.DUPLICATE_REQUEST_ID);
		game(backend).send(Frame.push("two"));
		await().until(() -> server.received().size() == 2);
		assertThat(texts(server)).containsExactly("one#1", "two#2");
		assertThat(first).isNotDone();
		server.dropConnections();
	}

	@Test
	void whenBytesAreSentThenTheyAreRefusedByName() throws Exception {
		TestServer server = TestServer.silent();
		TcpBackend<Frame> backend = startWith(server);
		byte[] bytes = { 0, 0, 0, 9, 'p', 0, 0, 0, 0, 0, 0, 0, 1 };
		assertThat(game(backend).trySendBytes(bytes)).isEqualTo(SendResult.RAW_BYTES);
		TcpConnection<Frame> connection = Objects.requireNonNull(game(backend).connection());
		assertThat(connection.trySendBytes(bytes)).isEqualTo(SendResult.RAW_BYTES);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> game(backend).sendBytes(bytes))
			.withMessageContaining("game/game-1 at 127.0.0.1")
			.withMessageContaining("bytes refused: the codec of the connection must encode what is sent")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(SendResult.RAW_BYTES));
		assertThat(backend.group("game").counters().rejected()).isEqualTo(3);
		game(backend).send(Frame.push("only this"));
		await().until(() -> server.received().size() == 1);
		assertThat(texts(server)).containsExactly("only this#1");
	}

	@Test
	void whenEveryConnectionHasACodecThenABroadcastIsEncodedByEachAndByNoOther() throws Exception {
		TestServer one = this.tcp.server(TestServer.echo(""));
		TestServer two = this.tcp.server(TestServer.echo(""));
		this.tcp.discover(instance("game-1", one), instance("game-2", two));
		TcpBackend<Frame> backend = TcpFixture.ready(start());
		ask(game(backend), "before");
		BroadcastResult<Frame> result = backend.broadcast(Frame.push("news"));
		assertThat(result.byService()).containsOnly(Map.entry(game(backend), SendResult.ACCEPTED),
				Map.entry(backend.getService("game", "game-2"), SendResult.ACCEPTED));
		await().until(() -> texts(one).contains("news#2") && texts(two).contains("news#1"));
	}

	@Test
	void whenABroadcastCannotBeEncodedThenEachConnectionWithACodecIsClosed() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		this.tcp.discover(instance("game-1", server), instance("game-2", server));
		TcpBackend<Frame> backend = TcpFixture.ready(start());
		assertThat(backend.broadcast(Frame.push("bad")).allAccepted()).isTrue();
		TcpCounters counters = backend.group("game").counters();
		await().until(() -> counters.connects() == 4);
		assertThat(counters.rejected()).isEqualTo(2);
		assertThat(server.received()).isEmpty();
	}

	@Test
	void whenSomeConnectionsHaveACodecThenTheOthersShareTheBytesOfABroadcast() throws Exception {
		TestServer own = this.tcp.server(TestServer.silent());
		TestServer shared = this.tcp.server(TestServer.silent());
		this.tcp.discover(instance("game-1", own), instance("shared-1", shared), instance("shared-2", shared));
		TcpBackend<Frame> backend = TcpFixture.ready(start());
		assertThat(backend.broadcast(Frame.push("news")).accepted()).isEqualTo(3);
		await().until(() -> shared.received().size() == 2 && own.received().size() == 1);
		assertThat(texts(own)).containsExactly("news#1");
		assertThat(texts(shared)).containsOnly("news#shared");

		byte[] bytes = { 0, 0, 0, 10, 'p', 0, 0, 0, 0, 0, 0, 0, 1, 'b' };
		assertThat(backend.broadcastBytes(bytes).byService()).containsOnly(
				Map.entry(game(backend), SendResult.RAW_BYTES),
				Map.entry(backend.getService("game", "shared-1"), SendResult.ACCEPTED),
				Map.entry(backend.getService("game", "shared-2"), SendResult.ACCEPTED));
		await().until(() -> shared.received().size() == 4);

		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> backend.broadcast(Frame.push("bad")))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(SendResult.ENCODING_FAILED));
		game(backend).send(Frame.push("the same connection"));
		await().until(() -> own.received().size() == 2);
		assertThat(texts(own)).containsExactly("news#1", "the same connection#2");
	}

	@Test
	void whenNoTargetIsConnectedThenTheCodecOfTheBackendDoesNotEncodeABroadcast() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		server.stop();
		TcpBackend<Frame> backend = start();
		await().until(() -> backend.findService("game", "game-1") != null);
		BroadcastResult<Frame> result = Broadcast.toAll(new TcpContext<>(this.codec, fast()), List.of(game(backend)),
				Frame.push("bad"));
		assertThat(result.byService()).containsOnly(Map.entry(game(backend), SendResult.NOT_CONNECTED));
	}

	@Test
	void whenALoginChangesTheCodecOfItsConnectionThenThatOneEncodesWhatComesBehind() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), this.codec, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				String key = connection.request(Frame.request(1, "key"), LONG).join().text();
				connection.codec(Own.class).seal = " sealed with " + key;
			}
		}));
		assertThat(ask(game(backend), "a")).isEqualTo("a#2 sealed with key#1@1@2");
		server.dropConnections();
		await().until(() -> backend.group("game").counters().connects() == 2);
		TcpFixture.ready(backend);
		assertThat(texts(server)).containsExactly("key#1", "a#2 sealed with key#1@1", "key#1");
	}

	@Test
	void whenTheCodecOfAConnectionIsOfAnotherTypeThenTheErrorNamesBoth() throws Exception {
		TcpBackend<Frame> backend = startWith(TestServer.silent());
		TcpConnection<Frame> connection = Objects.requireNonNull(game(backend).connection());
		assertThat(connection.codec(Own.class)).isSameAs(this.codec.made.get(0));
		assertThatIllegalStateException().isThrownBy(() -> connection.codec(CountingCodec.class))
			.withMessageStartingWith("codec of game/game-1 at 127.0.0.1")
			.withMessageContaining(Own.class.getName())
			.withMessageEndingWith("(expected: %s)".formatted(CountingCodec.class.getName()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "exception", "error", "null" })
	void whenNoCodecCanBeMadeThenTheAttemptFailsWithTheReasonAndIsRepeated(String trouble) throws Exception {
		FailingCodec codec = new FailingCodec(trouble);
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.start(fast(), codec, this.tcp.handler());
		await().until(() -> backend.findService("game", "game-1") != null);
		TcpService<Frame> service = game(backend);
		await().until(() -> service.counters().dialFailures() >= 3);
		assertThat(service.lastFailure()).isInstanceOf(CodecException.class)
			.hasMessageContaining(FailingCodec.class.getName() + ".forConnection")
			.hasMessageContaining("game/game-1 at 127.0.0.1:" + server.port())
			.hasMessageContaining(trouble.equals("null") ? "null (expected: a codec)" : "on purpose");
		assertThat(this.tcp.handler().calls).isEmpty();
		assertThat(service.counters().connects()).isZero();
		codec.trouble = "none";
		TcpFixture.ready(backend);
		assertThat(ask(service, "a")).isEqualTo("a#1@1");
		await().until(() -> server.connections().size() == 1);
	}

	private static final class FailingCodec extends CountingCodec {

		private volatile String trouble;

		FailingCodec(String trouble) {
			this.trouble = trouble;
		}

		@Override
		@SuppressWarnings("NullAway")
		public MessageCodec<Frame> forConnection(BackendService service) throws Exception {
			return switch (this.trouble) {
				case "exception" -> throw new Exception("on purpose");
				case "error" -> throw new StackOverflowError("on purpose");
				case "null" -> null;
				default -> super.forConnection(service);
			};
		}

	}

}
