package dev.backend.tcp;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

import javax.net.ssl.SSLException;

import dev.backend.discovery.InMemoryDiscovery;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.TcpClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link Dial} against real sockets: each dial ends, says why it failed, and gives its
 * permit back.
 */
@Timeout(60)
class DialTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final RecordingHandler handler = new RecordingHandler();

	private final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private TestServer server() {
		TestServer server = TestServer.echo("");
		this.resources.add(server);
		return server;
	}

	/** One dial at a time, and a connect time-out that no test waits for. */
	private TcpBackend<Frame> start(UnaryOperator<TcpClient> customizer) {
		TcpLimits limits = TcpLimits.defaults();
		TcpTimings timings = TcpTimings.defaults();
		TcpBackend<Frame> backend = TcpBackend.builder()
			.discovery(this.discovery)
			.settings(TcpSettings.defaults()
				.withLimits(limits.withConcurrentDials(1))
				.withTimings(new TcpTimings(Duration.ofMinutes(5), timings.readyTimeout(), Duration.ofMillis(50),
						Duration.ofMillis(100), timings.stableAfter(), Duration.ofSeconds(2), Duration.ZERO,
						timings.idQuarantine())))
			.clientCustomizer(customizer)
			.build(new Frame.Codec(), this.handler);
		this.resources.add(0, backend);
		backend.start();
		return backend;
	}

	/** Two instances: with one permit, both fail several times only if it comes back. */
	private void assertEveryDialFails(TestServer server, UnaryOperator<TcpClient> customizer, String message) {
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", server.port()),
				InMemoryDiscovery.instance("game", "game-2", server.port()));
		TcpBackend<Frame> backend = start(customizer);
		await().atMost(LONG).until(() -> backend.findGroup("game") != null);
		await().atMost(LONG).until(() -> backend.group("game").counters().dialFailures() > 5);
		for (TcpService<Frame> service : backend.group("game").services()) {
			await().atMost(LONG).until(() -> service.lastFailure() != null);
			assertThat(service.lastFailure()).hasMessageContaining(message);
		}
		assertThat(this.handler.calls).isEmpty();
		this.discovery.set();
		await().atMost(LONG).until(() -> server.connections().isEmpty());
	}

	@Test
	void whenFirstMessageComesWithTheTlsHandshakeOfAnEarlyDialThenTheHandlerGetsItAfterTheMove(@TempDir Path before,
			@TempDir Path after) throws Exception {
		GreetingTlsServer here = new GreetingTlsServer(before, Frame.push("here"));
		GreetingTlsServer there = new GreetingTlsServer(after, Frame.push("there"));
		this.resources.add(here);
		this.resources.add(there);
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", here.port()));
		start((client) -> client.secure((spec) -> spec.sslContext(trustingTls())));
		await().atMost(LONG).until(() -> this.handler.messages.size() == 1);
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", there.port()));
		await().atMost(LONG).until(() -> this.handler.messages.size() == 2);
		assertThat(this.handler.calls).containsExactly("connected game-1", "message here", "disconnected game-1",
				"connected game-1", "message there");
	}

	private static SslContext trustingTls() {
		try {
			return SslContextBuilder.forClient()
				.trustManager(InsecureTrustManagerFactory.INSTANCE)
				.endpointIdentificationAlgorithm(null)
				.protocols("TLSv1.2")
				.build();
		}
		catch (SSLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void whenFirstMessageComesWithTheEndOfTheTlsHandshakeThenTheHandlerGetsIt(@TempDir Path directory)
			throws Exception {
		GreetingTlsServer server = new GreetingTlsServer(directory, Frame.push("welcome"));
		this.resources.add(server);
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", server.port()));
		start((client) -> client.secure((spec) -> spec.sslContext(trustingTls())));
		await().atMost(LONG).until(() -> !this.handler.messages.isEmpty());
		assertThat(this.handler.calls).containsExactly("connected game-1", "message welcome");
	}

	@Test
	void whenCustomizerRemovesTheBridgeAtTheStartThenTheDialFailsAtOnce() throws Exception {
		assertEveryDialFails(server(),
				(client) -> client.doOnChannelInit(
						(observer, channel, address) -> channel.pipeline().remove(NettyPipeline.ReactiveBridge)),
				"the client customizer removed the handler " + NettyPipeline.ReactiveBridge);
	}

	@Test
	void whenCustomizerRemovesTheBridgeOnceConnectedThenTheDialFails() throws Exception {
		assertEveryDialFails(server(),
				(client) -> client.doOnConnected(
						(connection) -> connection.channel().pipeline().remove(NettyPipeline.ReactiveBridge)),
				"the client customizer removed the handler " + NettyPipeline.ReactiveBridge);
	}

	@Test
	void whenCustomizerThrowsOnceConnectedThenTheDialFails() throws Exception {
		assertEveryDialFails(server(), (client) -> client.doOnConnected((connection) -> {
			throw new IllegalStateException("forced");
		}), "a callback of the client customizer failed");
	}

	@Test
	void whenAHandlerOfTheCustomizerThrowsBeforeTheConnectionIsUpThenTheDialFailsAndTheChannelIsClosed()
			throws Exception {
		assertEveryDialFails(server(),
				(client) -> client.doOnChannelInit((observer, channel, address) -> channel.pipeline()
					.addBefore(NettyPipeline.ReactiveBridge, "custom", new ChannelInboundHandlerAdapter() {
						@Override
						public void channelActive(ChannelHandlerContext ctx) {
							throw new IllegalStateException("forced");
						}
					})),
				"forced");
	}

	@Test
	void whenConnectingThrowsThenTheDialFails() throws Exception {
		assertEveryDialFails(server(), (client) -> client.doOnConnect((config) -> {
			throw new NoClassDefFoundError("forced");
		}), "forced");
	}

	@Test
	void whenCustomizerAddsAHandlerOnceConnectedThenItStandsBeforeOurs() throws Exception {
		AtomicBoolean before = new AtomicBoolean();
		TestServer server = server();
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", server.port()));
		TcpBackend<Frame> backend = start((client) -> client.doOnConnected((connection) -> {
			ChannelPipeline pipeline = connection.channel().pipeline();
			connection.addHandlerLast("custom", new ChannelInboundHandlerAdapter());
			connection.channel().eventLoop().execute(() -> {
				List<String> names = pipeline.names();
				before.set(names.contains("custom") && names.indexOf("custom") < names.indexOf("backend"));
			});
		}));
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().atMost(LONG).untilTrue(before);
	}

	@Test
	void whenNobodyListensThenTheFailureIsPlainAndKeepsItsCause() throws Exception {
		int port;
		try (ServerSocket socket = new ServerSocket()) {
			socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
			port = socket.getLocalPort();
		}
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", port));
		TcpBackend<Frame> backend = start((client) -> client);
		await().atMost(LONG).until(() -> backend.findService("game", "game-1") != null);
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().atMost(LONG).until(() -> service.lastFailure() != null);
		assertThat(service.lastFailure()).isInstanceOf(ConnectException.class)
			.hasMessage("connection refused")
			.cause()
			.hasMessageContaining("refused");
	}

}
