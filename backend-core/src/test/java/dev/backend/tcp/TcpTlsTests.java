package dev.backend.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.Certificates;
import dev.backend.test.SlowTest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.TcpServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * TLS against real servers with certificates that are good, and all the ways in which
 * they are not.
 */
@Timeout(60)
@SlowTest
class TcpTlsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final RecordingHandler handler = new RecordingHandler() {
		@Override
		public void onConnected(TcpConnection<Frame> connection) throws Exception {
			connection.send(Frame.push("secret login"));
			super.onConnected(connection);
		}
	};

	private X509Bundle authority;

	@BeforeEach
	void makeAuthority() throws Exception {
		this.authority = Certificates.authority("Authority");
	}

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private TlsServer server(X509Bundle certificate) throws IOException {
		return server(new TlsServer(certificate));
	}

	private TlsServer server(TlsServer server) {
		this.resources.add(server);
		return server;
	}

	private TcpTls tls() throws Exception {
		return TcpTls.of(Certificates.clientContext(this.authority, null));
	}

	private TcpService<Frame> connect(String host, int port, TcpTls tls) {
		return connect(host, port, (builder) -> builder.tls(tls));
	}

	private TcpService<Frame> connect(String host, int port, UnaryOperator<TcpBackend.Builder> customizer) {
		this.discovery.set(new DiscoveredInstance("game", "game-1", "tcp", host, port, List.of(), Map.of()));
		TcpTimings timings = TcpTimings.defaults();
		TcpSettings settings = TcpSettings.defaults()
			.withTimings(new TcpTimings(Duration.ofSeconds(3), timings.readyTimeout(), Duration.ofMillis(10),
					Duration.ofMillis(50), timings.stableAfter(), Duration.ofSeconds(2), Duration.ZERO,
					timings.idQuarantine()));
		TcpBackend<Frame> backend = customizer
			.apply(TcpBackend.builder().name("tls").discovery(this.discovery).settings(settings))
			.build(new Frame.Codec(), this.handler);
		this.resources.add(0, backend);
		backend.start();
		await().until(() -> backend.findService("game", "game-1") != null);
		return backend.getService("game", "game-1");
	}

	private static void assertConnected(TcpService<Frame> service) {
		await().until(() -> service.state() == TcpState.READY);
		assertThat(service.request(Frame.request(1, "hello"), LONG).join().text()).isEqualTo("hello");
		assertThat(service.lastFailure()).isNull();
	}

	/** Refused at least twice, with the reason, and the server got nothing. */
	private void assertRefused(TcpService<Frame> service, TlsServer server, String... reasons) {
		await().until(() -> service.counters().dialFailures() >= 2);
		assertThat(service.lastFailure())
			.hasMessageStartingWith(
					"TLS handshake with %s:%d failed: ".formatted(service.config().address(), server.port()))
			.hasMessageContainingAll(reasons);
		assertThat(service.counters().connects()).isZero();
		assertThat(this.handler.calls).isEmpty();
		assertThat(server.accepted()).isGreaterThanOrEqualTo(2);
		assertThat(server.applicationBytes()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "TLSv1.2", "TLSv1.3" })
	void whenTheCertificateNamesTheHostThenTheServiceConnectsAndTellsTheName(String protocol) throws Exception {
		TlsServer server = server(new TlsServer(Certificates.issue(this.authority, "localhost"), protocol));
		assertConnected(connect("localhost", server.port(), tls()));
		assertThat(server.requestedNames()).containsExactly("localhost");
	}

	@Test
	void whenTheCertificateNamesTheAddressThenTheServiceConnects() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "127.0.0.1"));
		assertConnected(connect("127.0.0.1", server.port(), tls()));
		assertThat(server.requestedNames()).isEmpty();
	}

	@Test
	void whenTheCertificateNamesAnotherHostThenItIsRefused() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "game.example"));
		assertRefused(connect("localhost", server.port(), tls()), server, "localhost");
	}

	@Test
	void whenTheCertificateNamesAnotherAddressThenItIsRefused() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "127.0.0.2"));
		assertRefused(connect("127.0.0.1", server.port(), tls()), server, "127.0.0.1");
	}

	@Test
	void whenTheContextVerifiesNoNamesThenTheBackendDoes() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "game.example"));
		SslContext context = SslContextBuilder.forClient()
			.trustManager(this.authority.getCertificate())
			.endpointIdentificationAlgorithm(null)
			.build();
		assertRefused(connect("localhost", server.port(), TcpTls.of(context)), server, "localhost");
	}

	@Test
	void whenNamesAreNotVerifiedThenTheServiceConnects() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "game.example"));
		assertConnected(connect("127.0.0.1", server.port(), tls().withoutHostnameVerification()));
	}

	@Test
	void whenNamesAreNotVerifiedThenTheAuthorityStillIs() throws Exception {
		TlsServer server = server(Certificates.issue(Certificates.authority("Other"), "127.0.0.1"));
		assertRefused(connect("127.0.0.1", server.port(), tls().withoutHostnameVerification()), server,
				"unable to find valid certification path");
	}

	@Test
	void whenThereIsAFixedNameThenItIsToldAndVerified() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "game.example"));
		assertConnected(connect("127.0.0.1", server.port(), tls().withServerName("game.example")));
		assertThat(server.requestedNames()).containsExactly("game.example");
	}

	@Test
	void whenThereIsAFixedNameThenTheAddressDoesNotDo() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "127.0.0.1"));
		assertRefused(connect("127.0.0.1", server.port(), tls().withServerName("game.example")), server,
				"game.example");
	}

	@Test
	void whenTheAuthorityIsUnknownThenItIsRefused() throws Exception {
		TlsServer server = server(Certificates.issue(Certificates.authority("Other"), "127.0.0.1"));
		assertRefused(connect("127.0.0.1", server.port(), tls()), server, "unable to find valid certification path");
	}

	@Test
	void whenTheCertificateHasExpiredThenItIsRefusedUntilTheServerHasANewOne() throws Exception {
		TlsServer server = server(Certificates.issueExpired(this.authority, "127.0.0.1"));
		TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
		assertRefused(service, server, "validity check failed", "NotAfter");
		server.use(Certificates.issue(this.authority, "127.0.0.1"));
		assertConnected(service);
	}

	@Test
	void whenTheServerWantsACertificateThenOursIsShown() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "127.0.0.1")).requireClientsOf(this.authority);
		SslContext context = Certificates.clientContext(this.authority, Certificates.issue(this.authority, "client"));
		assertConnected(connect("127.0.0.1", server.port(), TcpTls.of(context)));
	}

	@Test
	void whenTheServerWantsACertificateAndThereIsNoneThenItSaysSo() throws Exception {
		TlsServer server = server(new TlsServer(Certificates.issue(this.authority, "127.0.0.1"), "TLSv1.2"))
			.requireClientsOf(this.authority);
		assertRefused(connect("127.0.0.1", server.port(), tls()), server, "Received fatal alert");
	}

	/**
	 * In TLS 1.3 the client is done before the server has looked at its certificate, so
	 * the connection is up for a moment; what is sent in it does not reach the server's
	 * application.
	 */
	@Test
	void whenTheServerOfTls13WantsACertificateAndThereIsNoneThenTheConnectionEndsWithTheReason() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "127.0.0.1")).requireClientsOf(this.authority);
		TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
		await().until(() -> service.counters().disconnects() >= 2);
		await().untilAsserted(() -> assertThat(service.lastFailure()).hasMessageContaining("Received fatal alert"));
		assertThat(server.failures()).isNotEmpty();
		assertThat(server.applicationBytes()).isZero();
	}

	@Test
	void whenTheContextIsReplacedThenTheNextConnectionUsesItAndThePresentOneStays() throws Exception {
		X509Bundle other = Certificates.authority("Other");
		TlsServer trusted = server(Certificates.issue(this.authority, "127.0.0.1"));
		AtomicReference<SslContext> context = new AtomicReference<>(Certificates.clientContext(this.authority, null));
		TcpService<Frame> service = connect("127.0.0.1", trusted.port(), TcpTls.of(context::get));
		assertConnected(service);
		context.set(Certificates.clientContext(other, null));
		assertConnected(service);
		assertThat(service.counters().connects()).isOne();
		trusted.dropConnections();
		await().until(() -> service.counters().dialFailures() >= 2);
		assertThat(service.lastFailure()).hasMessageContaining("unable to find valid certification path");
		context.set(Certificates.clientContext(this.authority, null));
		assertConnected(service);
	}

	@Test
	void whenTheContextCannotBeMadeThenTheAttemptFailsWithItsReason() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "127.0.0.1"));
		SslContext context = Certificates.clientContext(this.authority, null);
		AtomicInteger calls = new AtomicInteger();
		TcpService<Frame> service = connect("127.0.0.1", server.port(), TcpTls.of(() -> {
			if (calls.incrementAndGet() < 20) {
				throw new IllegalStateException("no keys yet");
			}
			return context;
		}));
		await().until(() -> service.lastFailure() != null);
		assertThat(service.lastFailure()).hasMessage("no keys yet");
		assertConnected(service);
	}

	@Test
	void whenTheContextIsForServersThenTheAttemptFailsWithASentence() throws Exception {
		X509Bundle certificate = Certificates.issue(this.authority, "127.0.0.1");
		TlsServer server = server(certificate);
		SslContext context = SslContextBuilder
			.forServer(certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
			.build();
		TcpService<Frame> service = connect("127.0.0.1", server.port(), TcpTls.of(context));
		await().until(() -> service.lastFailure() != null);
		assertThat(service.lastFailure()).hasMessageContaining("expected: one for clients");
	}

	@ParameterizedTest
	@ValueSource(strings = { "TLSv1.2", "TLSv1.3" })
	void whenTheServerSendsRightBehindTheHandshakeThenNothingIsLost(String protocol) throws Exception {
		TlsServer server = server(new TlsServer(Certificates.issue(this.authority, "127.0.0.1"), protocol))
			.greet(Frame.push("welcome"));
		TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
		for (int i = 1; i <= 10; i++) {
			int expected = i;
			await().until(() -> this.handler.messages.size() == expected);
			await().until(() -> service.state() == TcpState.READY);
			service.reconnect("test");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "TLSv1.2", "TLSv1.3" })
	void whenAConnectionIsClosedOnPurposeThenTheServerReadsAllAndTheFarewell(String protocol) throws Exception {
		X509Bundle certificate = Certificates.issue(this.authority, "127.0.0.1");
		SslContext context = SslContextBuilder
			.forServer(certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
			.protocols(protocol)
			.build();
		AtomicInteger bytes = new AtomicInteger();
		CompletableFuture<Integer> farewell = new CompletableFuture<>();
		DisposableServer server = TcpServer.create()
			.host("127.0.0.1")
			.secure((spec) -> spec.sslContext(context))
			.doOnConnection((connection) -> connection.channel().pipeline().addLast(new ChannelInboundHandlerAdapter() {
				@Override
				public void channelRead(ChannelHandlerContext ctx, Object message) {
					bytes.addAndGet(((ByteBuf) message).readableBytes());
					((ByteBuf) message).release();
				}

				@Override
				public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
					if (event == SslCloseCompletionEvent.SUCCESS) {
						farewell.complete(bytes.get());
					}
				}
			}).remove(NettyPipeline.ReactiveBridge))
			.bindNow();
		this.resources.add(server::disposeNow);
		TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
		await().until(() -> service.state() == TcpState.READY);
		for (int i = 0; i < 200; i++) {
			service.send(Frame.push("a"));
		}
		service.reconnect("test");
		int login = 13 + "secret login".length();
		assertThat(farewell).succeedsWithin(LONG).isEqualTo(login + 200 * 14);
	}

	@Test
	void whenMessagesAreManyAndLargeThenAllComeBack() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "127.0.0.1"));
		TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
		assertConnected(service);
		String text = "x".repeat(900_000);
		List<Integer> lengths = new ArrayList<>();
		List<CompletableFuture<Frame>> replies = new ArrayList<>();
		for (int i = 10; i < 30; i++) {
			replies.add(service.request(Frame.request(i, text), LONG));
		}
		replies.forEach((reply) -> lengths.add(reply.join().text().length()));
		assertThat(lengths).hasSize(20).containsOnly(900_000);
	}

	@Test
	void whenTheServerSaysThatNothingMoreComesThenTheServiceReconnects() throws Exception {
		X509Bundle certificate = Certificates.issue(this.authority, "127.0.0.1");
		SslContext context = SslContextBuilder
			.forServer(certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
			.build();
		Queue<Channel> channels = new ConcurrentLinkedQueue<>();
		DisposableServer server = TcpServer.create()
			.host("127.0.0.1")
			.secure((spec) -> spec.sslContext(context))
			.doOnConnection((connection) -> channels.add(connection.channel()))
			.bindNow();
		this.resources.add(server::disposeNow);
		TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
		await().until(() -> service.state() == TcpState.READY && channels.size() == 1);
		// Leaves the socket open in both directions.
		Channel channel = channels.remove();
		channel.eventLoop().execute(() -> channel.pipeline().get(SslHandler.class).closeOutbound());
		await().until(() -> service.counters().connects() == 2);
		await().until(() -> service.state() == TcpState.READY);
	}

	@Test
	void whenTheServerSpeaksPlainTextThenTheFailureSaysSoAndNotWhatItSent() throws Exception {
		try (PlainServer server = new PlainServer("password=hunter2\n", false)) {
			TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
			await().until(() -> service.counters().dialFailures() >= 2);
			assertThat(service.lastFailure())
				.hasMessage(
						"TLS handshake with 127.0.0.1:%d failed: the peer does not speak TLS".formatted(server.port()))
				.hasNoCause();
		}
	}

	@Test
	void whenTheServerClosesDuringTheHandshakeThenTheFailureSaysSo() throws Exception {
		try (PlainServer server = new PlainServer("", true)) {
			TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
			await().until(() -> service.counters().dialFailures() >= 2);
			assertThat(service.lastFailure()).hasMessageContaining("the peer closed the connection");
		}
	}

	@Test
	void whenTheServerNeverAnswersTheHandshakeThenTheConnectTimeoutEndsIt() throws Exception {
		try (PlainServer server = new PlainServer("", false)) {
			TcpService<Frame> service = connect("127.0.0.1", server.port(), tls());
			await().until(() -> service.lastFailure() != null);
			assertThat(service.lastFailure()).hasMessageContaining("backend.tcp.connect.timeout");
			await().until(() -> server.closedByPeer.get() >= 1);
		}
	}

	@Test
	void whenOnlyTheServerSpeaksTlsThenTheServiceBacksOffAndSaysWhy() throws Exception {
		TlsServer server = server(Certificates.issue(this.authority, "127.0.0.1"));
		TcpService<Frame> service = connect("127.0.0.1", server.port(), (builder) -> builder);
		await().until(() -> service.counters().disconnects() >= 2);
		assertThat(server.applicationBytes()).isZero();
		await().untilAsserted(
				() -> assertThat(service.lastFailure()).hasMessageContaining("expect TLS (backend.tcp.ssl)"));
	}

	@Test
	void whenTheServerNameIsBlankThenItIsRefused() throws Exception {
		assertThatIllegalArgumentException().isThrownBy(() -> tls().withServerName(" "))
			.withMessage("serverName: ' ' (expected: a host name)");
	}

	/** Greets at once and reads, or closes at the first byte. */
	private static final class PlainServer implements AutoCloseable {

		private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

		private final AtomicInteger closedByPeer = new AtomicInteger();

		private PlainServer(String greeting, boolean close) throws IOException {
			Thread thread = new Thread(() -> accept(greeting.getBytes(StandardCharsets.UTF_8), close), "plain-server");
			thread.setDaemon(true);
			thread.start();
		}

		private void accept(byte[] greeting, boolean close) {
			while (!this.listener.isClosed()) {
				try (Socket socket = this.listener.accept()) {
					socket.getOutputStream().write(greeting);
					socket.getInputStream().read(new byte[4096]);
					while (!close && socket.getInputStream().read() >= 0) {
						// takes what comes
					}
					this.closedByPeer.incrementAndGet();
				}
				catch (IOException ex) {
					this.closedByPeer.incrementAndGet();
				}
			}
		}

		private int port() {
			return this.listener.getLocalPort();
		}

		@Override
		public void close() throws IOException {
			this.listener.close();
		}

	}

}
