package dev.backend.protocol;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpTls;
import dev.backend.test.Certificates;
import io.netty.handler.ssl.SslContext;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.backend.protocol.OneInstance.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The handlers of Netty's pipeline that docs/codecs.md shows, against servers that look
 * at every byte.
 */
@Timeout(60)
class PipelineRecipesTests {

	private final List<ScriptedServer> servers = new ArrayList<>();

	private X509Bundle authority;

	private X509Bundle certificate;

	@BeforeEach
	void makeCertificates() throws Exception {
		this.authority = Certificates.authority("Authority");
		this.certificate = Certificates.issue(this.authority, "127.0.0.1");
	}

	@AfterEach
	void closeServers() throws Exception {
		for (ScriptedServer server : this.servers) {
			server.close();
		}
	}

	private ScriptedServer server(ScriptedServer.Script script) throws IOException {
		ScriptedServer server = new ScriptedServer(script);
		this.servers.add(server);
		return server;
	}

	private SslContext client() throws Exception {
		return Certificates.clientContext(this.authority, null);
	}

	private SSLSocket secure(Socket plain) throws Exception {
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(this.certificate.toKeyManagerFactory().getKeyManagers(), null, null);
		SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
		socket.setUseClientMode(false);
		socket.startHandshake();
		return socket;
	}

	private static TcpBackend<Order> start(ScriptedServer server, TcpHandler<Order> handler,
			UnaryOperator<TcpBackend.Builder> customizer) {
		TcpBackend<Order> backend = customizer.apply(TcpBackend.builder().discovery(new OneInstance(server.port())))
			.build(new OrderCodec(), handler);
		backend.start();
		await().atMost(LONG).until(() -> backend.findService("server", "one") != null);
		return backend;
	}

	private static TcpService<Order> one(TcpBackend<Order> backend) {
		return backend.getService("server", "one");
	}

	private static void assertAnswered(TcpBackend<Order> backend) throws Exception {
		assertThat(backend.awaitReady(LONG)).isTrue();
		List<Order> orders = IntStream.range(0, 1000).mapToObj((i) -> new Order(i, "order " + i)).toList();
		List<CompletableFuture<Order>> replies = orders.stream()
			.map((order) -> one(backend).request(order, LONG))
			.toList();
		assertThat(replies).extracting(CompletableFuture::join).containsExactlyElementsOf(orders);
	}

	private static void echoCompressed(DataInputStream in, OutputStream out) throws IOException {
		OrderPeer.echo(new DataInputStream(new BufferedInputStream(new InflaterInputStream(in))),
				new DeflaterOutputStream(out, true));
	}

	@Test
	void aStreamThatIsCompressedAsAWholeIsReadByNettysHandlers() throws Exception {
		ScriptedServer server = server((in, out, socket) -> echoCompressed(in, out));
		try (TcpBackend<Order> backend = start(server, new TcpHandler<>() {
		}, (builder) -> builder.clientCustomizer(CompressedStream::customize))) {
			assertAnswered(backend);
			one(backend).reconnect("to begin anew");
			await().atMost(LONG).until(() -> backend.group("server").counters().connects() == 2);
			assertAnswered(backend);
			assertThat(backend.group("server").counters().sentBytes())
				.isGreaterThan(server.received().stream().mapToInt((bytes) -> bytes.length).sum());
		}
		assertThat(server.failures()).isEmpty();
		// The end of a flush, and no trailer behind it.
		assertThat(server.received()).hasSize(2).allSatisfy((bytes) -> assertThat(bytes).endsWith(0, 0, 0xff, 0xff));
	}

	@Test
	void whatInflatesToMoreThanTheBoundEndsTheConnection() throws Exception {
		ByteArrayOutputStream bomb = new ByteArrayOutputStream();
		try (OutputStream compressed = new DeflaterOutputStream(bomb)) {
			compressed.write(new byte[16 * 1024 * 1024]);
		}
		ScriptedServer server = server((in, out, socket) -> {
			in.readByte();
			// At once: the bound is one of what is inflated at once.
			out.write(bomb.toByteArray());
			in.transferTo(OutputStream.nullOutputStream());
		});
		try (TcpBackend<Order> backend = start(server, new TcpHandler<>() {
		}, (builder) -> builder.clientCustomizer(CompressedStream::customize))) {
			assertThat(backend.awaitReady(LONG)).isTrue();
			assertThat(one(backend).request(new Order(1, "bomb"), LONG)).failsWithin(LONG)
				.withThrowableThat()
				.havingRootCause()
				.withMessageContaining("maximum size");
		}
	}

	@Test
	void aStreamIsCompressedBeforeItIsEncrypted() throws Exception {
		ScriptedServer server = server((in, out, socket) -> {
			SSLSocket secure = secure(socket);
			echoCompressed(new DataInputStream(secure.getInputStream()), secure.getOutputStream());
		});
		SslContext client = client();
		try (TcpBackend<Order> backend = start(server, new TcpHandler<>() {
		}, (builder) -> builder.tls(TcpTls.of(client)).clientCustomizer(CompressedStream::customize))) {
			assertAnswered(backend);
		}
	}

	@Test
	void tlsStartsInAConnectionThatBeganInPlainText() throws Exception {
		List<String> commands = new CopyOnWriteArrayList<>();
		ScriptedServer server = server((in, out, socket) -> {
			commands.add(new String(in.readNBytes(10), StandardCharsets.US_ASCII));
			out.write("220 ".getBytes(StandardCharsets.US_ASCII));
			out.flush();
			out.write("go ahead\r\n".getBytes(StandardCharsets.US_ASCII));
			SSLSocket secure = secure(socket);
			OrderPeer.echo(new DataInputStream(secure.getInputStream()), secure.getOutputStream());
		});
		List<Boolean> sessions = new CopyOnWriteArrayList<>();
		SslContext client = client();
		try (TcpBackend<Order> backend = start(server, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Order> connection) {
				connection.request(new Order(-1, "login"), LONG).join();
				sessions.add(connection.sslSession() != null);
			}
		}, (builder) -> builder.clientCustomizer((tcp) -> StartTls.customize(tcp, client)))) {
			assertAnswered(backend);
			one(backend).reconnect("to begin anew");
			await().atMost(LONG).until(() -> backend.group("server").counters().connects() == 2);
			assertAnswered(backend);
		}
		assertThat(commands).containsExactly("STARTTLS\r\n", "STARTTLS\r\n");
		assertThat(sessions).containsExactly(true, true);
	}

	@ParameterizedTest
	@ValueSource(strings = { "454 not now\r\n", "220 go ahead\r\n250 injected\r\n" })
	void whenTlsDoesNotStartThenTheAttemptFailsAndNothingIsSentInPlainText(String reply) throws Exception {
		List<Integer> next = new CopyOnWriteArrayList<>();
		ScriptedServer server = server((in, out, socket) -> {
			in.readNBytes(10);
			out.write(reply.getBytes(StandardCharsets.US_ASCII));
			next.add(in.read());
		});
		assertRefused(server, "STARTTLS: %s (expected: 220, and nothing behind it)".formatted(reply.split("\r\n")[0]));
		await().atMost(LONG).until(() -> next.size() >= 2);
		assertThat(next).containsOnly(-1);
	}

	@Test
	void whenTheCertificateIsOfAnotherAuthorityThenTheAttemptFails() throws Exception {
		this.certificate = Certificates.issue(Certificates.authority("Other"), "127.0.0.1");
		ScriptedServer server = server((in, out, socket) -> {
			in.readNBytes(10);
			out.write("220 go ahead\r\n".getBytes(StandardCharsets.US_ASCII));
			secure(socket);
		});
		assertRefused(server, "unable to find valid certification path");
	}

	@Test
	void whenTheServerClosesInPlaceOfAReplyThenTheAttemptFailsAtOnce() throws Exception {
		ScriptedServer server = server((in, out, socket) -> in.readNBytes(10));
		assertRefused(server, "closed by the peer before TLS was there");
	}

	private void assertRefused(ScriptedServer server, String reason) throws Exception {
		SslContext client = client();
		List<String> connected = new CopyOnWriteArrayList<>();
		try (TcpBackend<Order> backend = start(server, new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Order> connection) {
				connected.add("connected");
			}
		}, (builder) -> builder.clientCustomizer((tcp) -> StartTls.customize(tcp, client)))) {
			await().atMost(LONG).until(() -> backend.group("server").counters().dialFailures() >= 2);
			assertThat(one(backend).lastFailure()).hasMessageContaining(reason);
		}
		assertThat(connected).isEmpty();
	}

}
