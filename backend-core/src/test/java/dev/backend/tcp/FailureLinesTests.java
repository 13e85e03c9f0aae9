package dev.backend.tcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.logging.LogRecorder;
import dev.backend.test.Certificates;
import dev.backend.test.SlowTest;
import io.netty.buffer.ByteBuf;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the log says of servers that refuse, of codecs that fail, and of TLS where only
 * one side speaks it.
 */
@Timeout(60)
@SlowTest
class FailureLinesTests {

	/** A message in {@link Frame}s, whose decoder quotes it. */
	private static final String FORGED = "one\n2026-12-01 ERROR forged \u001b[2J\u202e";

	/** Sends first. */
	private static final TcpHandler<Frame> GREETING = new TcpHandler<>() {
		@Override
		public void onConnected(TcpConnection<Frame> connection) {
			connection.send(Frame.push("hello"));
		}

		@Override
		public void onMessage(TcpConnection<Frame> connection, Frame message) {
		}
	};

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@RegisterExtension
	final LogRecorder recorder = new LogRecorder("dev.backend");

	private final MessageCodec<Frame> quoting = new Frame.Codec() {
		@Override
		public @Nullable Frame decode(ByteBuf in) throws Exception {
			Frame frame = super.decode(in);
			if (frame != null && frame.kind() == Frame.PUSH) {
				throw new NumberFormatException("For input string: \"" + frame.text() + "\"");
			}
			return frame;
		}
	};

	private List<String> linesOf(String name) {
		return this.recorder.lines(Level.INFO)
			.stream()
			.filter((line) -> line.contains(name + "/") || line.startsWith(name + ":"))
			.toList();
	}

	@Test
	void whenFiftyServersRefuseTheLoginThenTenLinesAMinuteSaySo() {
		TestServer server = this.tcp.server(TestServer.silent());
		this.tcp.discover(IntStream.range(0, 50)
			.mapToObj((i) -> InMemoryDiscovery.instance("refusing", "refusing-" + i, server.port()))
			.toArray(DiscoveredInstance[]::new));
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				throw new IllegalStateException("login refused: " + FORGED);
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
			}
		});
		await().until(() -> backend.findGroup("refusing") != null
				&& backend.group("refusing").counters().handlerErrors() >= 500);
		List<String> failures = linesOf("refusing").stream().filter((line) -> !line.startsWith("Connected")).toList();
		assertThat(failures).hasSize(10);
		assertThat(failures.subList(0, 9)).as("one line each")
			.allMatch((line) -> line.contains("onConnected failed for refusing/refusing-"));
		assertThat(linesOf("refusing").stream().filter((line) -> line.startsWith("Connected"))).hasSize(10);
		assertThat(this.recorder.events(Level.INFO)).allSatisfy(FailureLinesTests::assertPlain);
		assertThat(backend.group("refusing").services())
			.anySatisfy((service) -> assertThat(service.lastFailure()).hasMessageContaining("login refused"));
		backend.close();
		assertThat(this.recorder.lines(Level.WARN))
			.anyMatch((line) -> line.matches("refusing: \\d+ more failures within a minute were .*"));
	}

	@Test
	void whenAServerClosesDuringTheLoginThenOneLineSaysSo() {
		TestServer server = this.tcp.server(new TestServer((socket, frame) -> {
			try {
				socket.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}));
		this.tcp.discover(InMemoryDiscovery.instance("closing", "closing-1", server.port()));
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.request(Frame.request(1, "login"), TcpFixture.LONG).join();
			}
		});
		await().until(
				() -> backend.findGroup("closing") != null && backend.group("closing").counters().handlerErrors() >= 2);
		assertThat(linesOf("closing")).anyMatch((line) -> line.startsWith("Disconnected from closing/closing-1"))
			.allMatch((line) -> line.startsWith("Connected") || line.startsWith("Disconnected"));
	}

	private static void assertPlain(ILoggingEvent event) {
		String text = event.getFormattedMessage()
				+ ((event.getThrowableProxy() != null) ? ThrowableProxyUtil.asString(event.getThrowableProxy()) : "");
		assertThat(text).hasSizeLessThan(50_000).doesNotContain("\u001b", "\u202e", "\n2026");
		assertThat(event.getFormattedMessage()).doesNotContain("\n").hasSizeLessThan(5000);
	}

	private TcpBackend<Frame> startQuoting(TestServer server) throws InterruptedException {
		this.tcp.server(server);
		this.tcp.discover(InMemoryDiscovery.instance("decoding", "decoding-1", server.port()));
		return TcpFixture.ready(this.tcp.start(fast(), this.quoting, this.tcp.handler()));
	}

	private List<ILoggingEvent> decodeFailures() {
		return this.recorder.events(Level.WARN)
			.stream()
			.filter((event) -> event.getLoggerName().equals(DecodeFailure.class.getName()))
			.toList();
	}

	@Test
	void whenTheCodecThrowsOnAPushThenAWarningSaysTheServiceTheFirstBytesAndTheCause() throws Exception {
		TestServer server = TestServer.silent();
		TcpBackend<Frame> backend = startQuoting(server);
		await().until(() -> !server.connections().isEmpty());
		server.sendToAll(Frame.push(FORGED));
		await().until(() -> !decodeFailures().isEmpty());
		ILoggingEvent event = decodeFailures().get(0);
		assertThat(event.getLevel()).isEqualTo(Level.WARN);
		assertThat(event.getFormattedMessage()).startsWith("decoding/decoding-1 at 127.0.0.1:" + server.port())
			.contains("failed to decode: java.lang.NumberFormatException: For input string: \"one\\n2026-12-01 ERROR "
					+ "forged \\u001b[2J\\u202e\"")
			.contains("bytes: 0000002")
			.endsWith("; the connection is closed");
		assertThat(ThrowableProxyUtil.asString(event.getThrowableProxy())).contains("NumberFormatException")
			.contains("FailureLinesTests");
		assertPlain(event);
		await().until(() -> backend.group("decoding").counters().connects() == 2);
		assertThat(backend.group("decoding").counters().codecErrors()).isEqualTo(1);
	}

	@Test
	void whenTheCodecQuotesAMegabyteThenTheLogIsShort() throws Exception {
		Frame large = Frame.push(FORGED + "x".repeat(900_000));
		TestServer server = this.tcp.server(new TestServer((socket, frame) -> TestServer.send(socket, large)));
		this.tcp.discover(InMemoryDiscovery.instance("decoding", "decoding-1", server.port()));
		TcpBackend<Frame> backend = this.tcp.start(fast(), this.quoting, GREETING);
		await().until(() -> backend.findGroup("decoding") != null
				&& backend.group("decoding").counters().codecErrors() >= 20);
		assertThat(linesOf("decoding").stream().filter((line) -> !line.startsWith("Connected"))).hasSize(10);
		assertThat(this.recorder.events(Level.INFO)).allSatisfy(FailureLinesTests::assertPlain);
	}

	@Test
	void whenAMessageCannotBeEncodedThenItIsCountedAndToldInTenLines() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		this.tcp.discover(InMemoryDiscovery.instance("encoding", "encoding-1", server.port()));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), new Frame.Codec() {
			@Override
			public void encode(Frame message, ByteBuf out) {
				throw new IllegalStateException(message.text());
			}
		}, this.tcp.handler()));
		for (int i = 0; i < 30; i++) {
			backend.getService("encoding", "encoding-1").send(Frame.push(FORGED));
		}
		await().until(() -> backend.group("encoding").counters().codecErrors() == 30);
		assertThat(linesOf("encoding").stream().filter((line) -> line.startsWith("A message was dropped"))).hasSize(10);
		assertThat(this.recorder.events(Level.INFO)).allSatisfy(FailureLinesTests::assertPlain);
	}

	private TcpService<Frame> dialSecurely(int port, TcpSettings settings) throws Exception {
		this.tcp.discover(InMemoryDiscovery.instance("secure", "secure-1", port));
		X509Bundle authority = Certificates.authority("Authority");
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(), (builder) -> {
			builder.settings(settings);
			builder.tls(TcpTls.of(clientContext(authority)));
		});
		await().until(() -> backend.findService("secure", "secure-1") != null);
		TcpService<Frame> service = backend.getService("secure", "secure-1");
		await().until(() -> service.lastFailure() != null);
		return service;
	}

	private static io.netty.handler.ssl.SslContext clientContext(X509Bundle authority) {
		try {
			return Certificates.clientContext(authority, null);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static TcpSettings within(Duration timeout) {
		TcpTimings timings = fast().timings();
		return fast().withTimings(new TcpTimings(timeout, timeout, Duration.ofSeconds(10), Duration.ofSeconds(10),
				timings.stableAfter(), timings.drainTimeout(), timings.tickInterval(), timings.idQuarantine()));
	}

	@Test
	void whenATlsClientMeetsAServerThatIsPlainAndSilentThenTheHintSaysTls() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
			TcpService<Frame> service = dialSecurely(server.getLocalPort(), within(Duration.ofMillis(500)));
			assertThat(service.lastFailure())
				.hasMessageStartingWith("no connection within 500ms (backend.tcp.connect.timeout): ")
				.hasMessageEndingWith(":%d did not finish the handshake (it may not speak TLS: backend.tcp.ssl)"
					.formatted(server.getLocalPort()));
			assertThat(this.recorder.lines(Level.WARN)).anyMatch((line) -> line.contains("may not speak TLS"));
		}
	}

	@Test
	void whenAPlainClientMeetsATlsServerThenTheHintSaysTls() throws Exception {
		try (TlsServer server = new TlsServer(Certificates.issue(Certificates.authority("Authority"), "localhost"))) {
			this.tcp.discover(InMemoryDiscovery.instance("secure", "secure-1", server.port()));
			TcpBackend<Frame> backend = this.tcp.start();
			await().until(() -> backend.findService("secure", "secure-1") != null);
			TcpService<Frame> service = backend.getService("secure", "secure-1");
			await().until(() -> service.trySend(Frame.push("hello")).accepted());
			await().until(() -> this.recorder.lines(Level.INFO)
				.stream()
				.anyMatch((line) -> line.startsWith("Disconnected") && line.contains("expect TLS (backend.tcp.ssl)")));
		}
	}

	/** As the TLS of Java answers who does not speak it: the alert ends with 10. */
	private static void alert(ServerSocket server) {
		Thread acceptor = new Thread(() -> {
			try {
				while (true) {
					try (Socket socket = server.accept()) {
						socket.getInputStream().read();
						socket.getOutputStream().write(new byte[] { 21, 3, 3, 0, 2, 2, '\n' });
					}
				}
			}
			catch (IOException ex) {
				// It is closed.
			}
		});
		acceptor.setDaemon(true);
		acceptor.start();
	}

	@Test
	void whenTheAlertOfATlsServerIsALineToTheCodecThenTheHintSaysTls() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
			alert(server);
			this.tcp.discover(InMemoryDiscovery.instance("secure", "secure-1", server.getLocalPort()));
			TcpBackend<Frame> backend = this.tcp.start(fast(), new LineCodec(), GREETING);
			await().until(() -> linesOf("secure").stream().anyMatch((line) -> line.startsWith("Disconnected")));
			assertThat(linesOf("secure")).filteredOn((line) -> line.startsWith("Disconnected"))
				.allMatch((line) -> line
					.endsWith(": closed by the peer; the peer seems to expect TLS (backend.tcp.ssl)"));
			await().until(() -> backend.group("secure").counters().receivedMessages() > 0);
		}
	}

	/**
	 * Takes connections, and ends each: at once, or with a reset when bytes have come.
	 */
	private static void accept(ServerSocket server, boolean reset) {
		Thread acceptor = new Thread(() -> {
			try {
				while (true) {
					Socket socket = server.accept();
					if (reset) {
						socket.getInputStream().read();
						socket.setSoLinger(true, 0);
					}
					socket.close();
				}
			}
			catch (IOException ex) {
				// It is closed.
			}
		});
		acceptor.setDaemon(true);
		acceptor.start();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenAPeerEndsAPlainConnectionWithoutAByteThenTheHintSaysTls(boolean reset) throws Exception {
		try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
			accept(server, reset);
			this.tcp.discover(InMemoryDiscovery.instance("secure", "secure-1", server.getLocalPort()));
			TcpBackend<Frame> backend = this.tcp.start(within(Duration.ofSeconds(10)),
					reset ? GREETING : this.tcp.handler());
			await().until(() -> backend.findService("secure", "secure-1") != null);
			TcpService<Frame> service = backend.getService("secure", "secure-1");
			await().until(() -> service.lastFailure() != null);
			assertThat(service.lastFailure())
				.hasMessageMatching(reset ? "connection reset.*" : ".*: closed by the peer.*")
				.hasMessageEndingWith("; the peer has sent nothing, it may expect TLS (backend.tcp.ssl)");
		}
	}

	@Test
	void whenALoginWaitsForATlsServerThenTheHintSaysTls() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
			this.tcp.discover(InMemoryDiscovery.instance("secure", "secure-1", server.getLocalPort()));
			TcpBackend<Frame> backend = this.tcp.start(within(Duration.ofMillis(500)), new TcpHandler<>() {
				@Override
				public boolean marksReady() {
					return true;
				}

				@Override
				public void onMessage(TcpConnection<Frame> connection, Frame message) {
				}
			});
			await().until(() -> backend.findService("secure", "secure-1") != null);
			TcpService<Frame> service = backend.getService("secure", "secure-1");
			await().until(() -> service.lastFailure() != null);
			assertThat(service.lastFailure())
				.hasMessage("not ready within 500ms (backend.tcp.connect.ready-timeout); the peer has sent nothing, "
						+ "it may expect TLS (backend.tcp.ssl)");
		}
	}

	@Test
	void whenAPeerHasSentSomethingThenThereIsNoHint() throws Exception {
		TestServer server = TestServer.silent();
		TcpBackend<Frame> backend = this.tcp.startWith(TcpFixture.instance("game-1", this.tcp.server(server)));
		await().until(() -> !server.connections().isEmpty());
		server.sendToAll(Frame.push("hello"));
		await().until(() -> backend.group("game").counters().receivedMessages() == 1);
		server.connections().forEach(FailureLinesTests::close);
		await().until(() -> linesOf("game").stream().anyMatch((line) -> line.startsWith("Disconnected")));
		assertThat(linesOf("game")).noneMatch((line) -> line.contains("TLS"))
			.anyMatch(("Disconnected from game/game-1 at 127.0.0.1:%d: closed by the peer"
				.formatted(server.port()))::equals);
	}

	private static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Each line is a push. */
	private static final class LineCodec implements MessageCodec<Frame> {

		@Override
		public void encode(Frame message, ByteBuf out) {
			out.writeByte('\n');
		}

		@Override
		public @Nullable Frame decode(ByteBuf in) {
			int length = in.bytesBefore((byte) '\n');
			if (length < 0) {
				return null;
			}
			in.skipBytes(length + 1);
			return Frame.push("a line");
		}

	}

}
