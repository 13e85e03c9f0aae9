package dev.backend.tcp;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.netty.NettyPipeline;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The end of a codec that is {@link AutoCloseable} and was made for one connection.
 */
@Timeout(60)
class ConnectionCodecCloseTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final ClosingCodec codec = new ClosingCodec();

	private TcpBackend<Frame> start(MessageCodec<Frame> codec) throws Exception {
		return TcpFixture.ready(this.tcp.start(fast(), codec, this.tcp.handler()));
	}

	private static TcpService<Frame> game(TcpBackend<Frame> backend) {
		return backend.getService("game", "game-1");
	}

	/** Closed once, and not used any more. */
	private static void assertClosed(ClosingCodec own) {
		assertThat(own.closes()).isOne();
		assertThat(own.calls).last().isEqualTo("close");
	}

	@ParameterizedTest
	@EnumSource
	void whenAConnectionEndsThenItsCodecIsClosedBehindItsLastUse(End end) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = start(this.codec);
		game(backend).request(Frame.request(1, "a"), LONG).join();
		ClosingCodec own = this.codec.made.get(0);
		assertThat(own.calls).startsWith("encode", "decode").doesNotContain("close");
		end.action.accept(server, game(backend));
		await().until(() -> backend.group("game").counters().connects() == 2);
		TcpFixture.ready(backend);
		game(backend).request(Frame.request(1, "a"), LONG).join();
		assertClosed(own);
		backend.close();
		assertThat(this.codec.made).hasSize(2).allSatisfy(ConnectionCodecCloseTests::assertClosed);
		assertThat(this.codec.calls).isEmpty();
	}

	@Test
	void whenInputWaitsForTheHandlerAtTheEndThenItIsDecodedBeforeTheCodecIsClosed() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				release.await();
				super.onMessage(connection, message);
			}
		};
		TcpLimits limits = TcpLimits.defaults();
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withLimits(limits.withInboundMessages(4)), this.codec, handler));
		IntStream.range(0, 50).forEach((i) -> server.sendToAll(Frame.push("" + i)));
		ClosingCodec own = this.codec.made.get(0);
		await().until(() -> own.calls.size() == 4);
		server.stop();
		await().until(() -> game(backend).connection() == null);
		assertThat(own.closes()).isZero();
		release.countDown();
		await().until(() -> own.closes() > 0);
		assertThat(own.calls.stream().filter("decode"::equals)).hasSize(50);
		assertClosed(own);
		await().until(() -> handler.messages.size() == 50);
	}

	@Test
	void whenAConnectionHasTheCodecOfTheBackendThenThatIsNotClosed() throws Exception {
		TestServer server = this.tcp.server(TestServer.echo(""));
		this.tcp.discover(instance("shared-1", server));
		TcpBackend<Frame> backend = start(this.codec);
		backend.getService("game", "shared-1").request(Frame.request(1, "a"), LONG).join();
		backend.close();
		assertThat(this.codec.calls).containsExactly("encode", "decode");
	}

	@Test
	void whenClosingACodecFailsThenTheServiceConnectsAgain() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = start(new Frame.Codec() {
			@Override
			public MessageCodec<Frame> forConnection(BackendService service) {
				return new ClosingCodec() {
					@Override
					public void close() {
						throw new StackOverflowError("on purpose");
					}
				};
			}
		});
		server.dropConnections();
		await().until(() -> backend.group("game").counters().connects() == 2);
		TcpFixture.ready(backend);
		assertThat(game(backend).request(Frame.request(1, "a"), LONG)).succeedsWithin(LONG);
	}

	@Test
	void whenTheConnectionCannotBeSetUpThenTheCodecThatWasMadeForItIsClosed() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.start(this.codec, this.tcp.handler(),
				(builder) -> builder.clientCustomizer(
						(client) -> client.doOnChannelInit((observer, channel, address) -> channel.pipeline()
							.addBefore(NettyPipeline.ReactiveBridge, "backend", new ChannelInboundHandlerAdapter()))));
		await().until(() -> backend.findService("game", "game-1") != null);
		await().until(() -> game(backend).counters().dialFailures() >= 2);
		assertThat(game(backend).lastFailure()).hasMessageContaining("Duplicate handler name: backend");
		// The backend goes on dialling, each time with one more codec.
		List<ClosingCodec> made = List.copyOf(this.codec.made);
		assertThat(made).hasSizeGreaterThanOrEqualTo(2);
		assertThat(made.subList(0, 2)).allSatisfy((own) -> assertThat(own.closes()).isOne());
	}

	/** How a connection ends. */
	enum End {

		CLOSED_BY_THE_PEER((server, service) -> server.dropConnections()),

		CLOSED_ON_PURPOSE((server, service) -> service.reconnect("on purpose")),

		FAILED_TO_DECODE((server, service) -> server.sendToAll(Frame.push("bad"))),

		FAILED_TO_ENCODE((server, service) -> service.send(Frame.push("bad")));

		private final BiConsumer<TestServer, TcpService<Frame>> action;

		End(BiConsumer<TestServer, TcpService<Frame>> action) {
			this.action = action;
		}

	}

}
