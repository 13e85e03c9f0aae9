package dev.backend.tcp;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.Certificates;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.netty.NettyPipeline;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Handlers that a client customizer adds to the pipeline of each connection.
 */
@Timeout(60)
class PipelineHandlerTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();

	private final RecordingHandler handler = new RecordingHandler() {
		@Override
		public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) throws Exception {
			super.onDisconnected(connection, cause);
			PipelineHandlerTests.this.end.complete(cause);
		}
	};

	private TcpBackend<Frame> start(Consumer<Channel> init) throws Exception {
		return TcpFixture.ready(this.tcp.start(new Frame.Codec(), this.handler, (builder) -> builder.clientCustomizer(
				(client) -> client.doOnChannelInit((observer, channel, address) -> init.accept(channel)))));
	}

	private static void add(Channel channel, ChannelInboundHandlerAdapter handler) {
		channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, "custom", handler);
	}

	private @Nullable Throwable end() throws Exception {
		return this.end.get(LONG.toSeconds(), TimeUnit.SECONDS);
	}

	@Test
	void whenAHandlerPassesOnWhatIsNoBufferThenTheConnectionEndsWithASentence() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		start((channel) -> add(channel, new StringDecoder()));
		server.sendToAll(Frame.push("text"));
		assertThat(end()).hasMessageStartingWith("game/game-1 at 127.0.0.1")
			.hasMessageEndingWith("a handler of the client customizer passed on a message of type java.lang.String "
					+ "(expected: ByteBuf)");
		assertThat(this.handler.messages).isEmpty();
	}

	@Test
	void whenAHandlerSwallowsTheEndOfTheChannelThenTheConnectionEndsAllTheSame() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = start((channel) -> add(channel, new ChannelInboundHandlerAdapter() {
			@Override
			public void channelInactive(ChannelHandlerContext ctx) {
				// Not passed on.
			}
		}));
		server.dropConnections();
		assertThat(end()).hasMessageContaining("closed by the peer");
		await().until(() -> backend.group("game").counters().connects() == 2);
		TcpFixture.ready(backend);
		assertThat(backend.getService("game", "game-1").request(Frame.request(1, "a"), LONG)).succeedsWithin(LONG);
	}

	@Test
	void whenAHandlerThrowsAtTheEndOfTheChannelThenTheServiceIsConnectedAnew() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = start((channel) -> add(channel, new ChannelInboundHandlerAdapter() {
			@Override
			public void channelInactive(ChannelHandlerContext ctx) {
				throw new IllegalStateException("on purpose");
			}
		}));
		server.dropConnections();
		await().until(() -> backend.group("game").counters().connects() == 2);
		TcpFixture.ready(backend);
		assertThat(backend.getService("game", "game-1").request(Frame.request(1, "a"), LONG)).succeedsWithin(LONG);
		assertThat(this.handler.calls).startsWith("connected game-1", "disconnected game-1", "connected game-1");
	}

	@Test
	void whenAHandlerSwallowsTheCloseThenTheConnectionIsClosedAllTheSame() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpFixture.ready(
				this.tcp.start(new Frame.Codec(), this.handler, (builder) -> builder.clientCustomizer((client) -> client
					.doOnConnected((connection) -> connection.channel().pipeline().addFirst(new Unclosable())))));
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> server.connections().size() == 1);
		TestServer.send(server.connections().get(0), new byte[] { -1, -1, -1, -1 });
		await().until(() -> service.counters().connects() == 2);
		await().until(() -> server.connections().size() == 1);
	}

	/** TCP is up by then. */
	@Test
	void whenAHandlerFailsADialThenNoConnectionIsLeft() {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.handler,
				(builder) -> builder.clientCustomizer((client) -> client
					.doOnChannelInit((observer, channel, address) -> channel.pipeline().addFirst(new Unusable()))));
		await().until(() -> backend.findService("game", "game-1") != null);
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.counters().dialFailures() >= 3);
		service.suspend();
		await().until(() -> service.state() == TcpState.SUSPENDED);
		await().untilAsserted(() -> assertThat(server.connections()).isEmpty());
	}

	@Test
	void whenAHandlerThrowsThenThatIsTheReasonOfTheEnd() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		start((channel) -> add(channel, new ChannelInboundHandlerAdapter() {
			@Override
			public void channelRead(ChannelHandlerContext ctx, Object message) {
				((ByteBuf) message).release();
				throw new IllegalStateException("on purpose");
			}
		}));
		server.sendToAll(Frame.push("text"));
		assertThat(end()).isInstanceOf(IllegalStateException.class).hasMessageContaining("on purpose");
	}

	@Test
	void whenAHandlerIsMadeForEachChannelThenItsStateIsThatOfOneConnection() throws Exception {
		List<String> calls = new CopyOnWriteArrayList<>();
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = start((channel) -> add(channel, new ChannelInboundHandlerAdapter() {

			private int reads;

			@Override
			public void channelActive(ChannelHandlerContext ctx) {
				calls.add("active");
				ctx.fireChannelActive();
			}

			@Override
			public void channelRead(ChannelHandlerContext ctx, Object message) {
				calls.add("read " + ++this.reads);
				ctx.fireChannelRead(message);
			}

		}));
		TcpService<Frame> service = backend.getService("game", "game-1");
		service.request(Frame.request(1, "a"), LONG).join();
		service.request(Frame.request(2, "b"), LONG).join();
		server.dropConnections();
		await().until(() -> backend.group("game").counters().connects() == 2);
		TcpFixture.ready(backend);
		service.request(Frame.request(3, "c"), LONG).join();
		assertThat(calls).containsExactly("active", "read 1", "read 2", "active", "read 1");
	}

	@Test
	void whenAHandlerStandsBeforeTheBridgeThenItIsBetweenTlsAndTheBackend() throws Exception {
		List<String> names = new CopyOnWriteArrayList<>();
		X509Bundle authority = Certificates.authority("Authority");
		TlsServer server = new TlsServer(Certificates.issue(authority, "127.0.0.1"));
		this.tcp.closeLast(server);
		this.tcp.discover(InMemoryDiscovery.instance("game", "game-1", server.port()));
		TcpTls tls = TcpTls.of(Certificates.clientContext(authority, null));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(new Frame.Codec(), this.handler,
				(builder) -> builder.settings(fast())
					.tls(tls)
					.clientCustomizer((client) -> client.doOnChannelInit((observer, channel, address) -> {
						ChannelPipeline pipeline = channel.pipeline();
						pipeline.addFirst("first", new ChannelInboundHandlerAdapter());
						add(channel, new ChannelInboundHandlerAdapter() {
							@Override
							public void channelRead(ChannelHandlerContext ctx, Object message) {
								names.addAll(pipeline.names());
								ctx.fireChannelRead(message);
							}
						});
					}))));
		backend.getService("game", "game-1").request(Frame.request(1, "a"), LONG).join();
		assertThat(names).startsWith("first", NettyPipeline.SslHandler)
			.containsSubsequence(NettyPipeline.SslHandler, "custom", "backend");
	}

	/** Does not pass on that the channel is to close. */
	private static final class Unclosable extends ChannelOutboundHandlerAdapter {

		@Override
		public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
		}

	}

	/** Cannot be used. */
	private static final class Unusable extends ChannelInboundHandlerAdapter {

		@Override
		public void channelActive(ChannelHandlerContext ctx) {
			throw new IllegalStateException("test");
		}

	}

}
