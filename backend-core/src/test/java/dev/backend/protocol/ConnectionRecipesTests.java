package dev.backend.protocol;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

import dev.backend.SendResult;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpLiveness;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpSettings;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.backend.protocol.OneInstance.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * The codecs of docs/codecs.md that have a state of their connection, against servers
 * that look at every byte.
 */
@Timeout(60)
class ConnectionRecipesTests {

	private final BlockingQueue<Order> pushed = new LinkedBlockingQueue<>();

	private final BlockingQueue<Throwable> ends = new LinkedBlockingQueue<>();

	private final List<ScriptedServer> servers = new ArrayList<>();

	@AfterEach
	void closeServers() throws Exception {
		for (ScriptedServer server : this.servers) {
			server.close();
			assertThat(server.failures()).isEmpty();
		}
	}

	private ScriptedServer server(ScriptedServer.Script script) throws IOException {
		ScriptedServer server = new ScriptedServer(script);
		this.servers.add(server);
		return server;
	}

	private static <M> TcpService<M> one(TcpBackend<M> backend) {
		return backend.getService("server", "one");
	}

	private static List<Order> orders(int count) {
		return IntStream.range(0, count).mapToObj((i) -> new Order(i, "order " + i)).toList();
	}

	private static void assertAnswered(TcpService<Order> service, List<Order> orders) {
		List<CompletableFuture<Order>> replies = orders.stream().map((order) -> service.request(order, LONG)).toList();
		assertThat(replies).extracting(CompletableFuture::join).containsExactlyElementsOf(orders);
	}

	private static byte[] frames(List<Order> orders) {
		ByteArrayOutputStream frames = new ByteArrayOutputStream();
		orders.forEach((order) -> frames.writeBytes(OrderPeer.frame(order)));
		return frames.toByteArray();
	}

	private static byte[] concat(byte[]... parts) {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		Stream.of(parts).forEach(all::writeBytes);
		return all.toByteArray();
	}

	private static byte[] xor(byte[] bytes, String key, int from) {
		byte[] result = bytes.clone();
		for (int i = 0; i < bytes.length; i++) {
			result[i] ^= (byte) key.charAt((from + i) % key.length());
		}
		return result;
	}

	/** All bytes that pass it are enciphered. */
	private static DataInputStream deciphered(InputStream in, String key) {
		return new DataInputStream(new FilterInputStream(in) {

			private int position;

			@Override
			public int read() throws IOException {
				int next = super.read();
				return (next >= 0) ? (next ^ key.charAt(this.position++ % key.length())) : next;
			}

			@Override
			public int read(byte[] bytes, int from, int length) throws IOException {
				bytes[from] = (byte) read();
				return 1;
			}

		});
	}

	private static void writeInPieces(OutputStream out, byte[] bytes, int size) throws IOException {
		for (int i = 0; i < bytes.length; i += size) {
			out.write(bytes, i, Math.min(size, bytes.length - i));
			out.flush();
		}
	}

	private static void echoEnciphered(DataInputStream in, OutputStream out, String key, int written, int pieces)
			throws IOException {
		DataInputStream plain = deciphered(in, key);
		int position = written;
		while (true) {
			byte[] frame = OrderPeer.frame(OrderPeer.readBody(plain));
			writeInPieces(out, xor(frame, key, position), pieces);
			position += frame.length;
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 3, 1000 })
	void aCipherThatTheCodecSwitchesOnReadsWhatComesRightBehindTheReply(int pieces) throws Exception {
		Order hello = new Order(CipherLogin.HELLO, "hello");
		ScriptedServer server = server((in, out, socket) -> {
			socket.setTcpNoDelay(true);
			assertThat(OrderPeer.order(OrderPeer.readBody(in))).isEqualTo(hello);
			byte[] behind = OrderPeer.frame(new Order(7000, "right behind"));
			writeInPieces(out, concat(OrderPeer.frame(new Order(hello.id(), "k3y!")), xor(behind, "k3y!", 0)), pieces);
			echoEnciphered(in, out, "k3y!", behind.length, pieces);
		});
		TcpHandler<Order> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Order> connection) {
				connection.request(hello, LONG).join();
			}

			@Override
			public void onMessage(TcpConnection<Order> connection, Order message) {
				ConnectionRecipesTests.this.pushed.add(message);
			}
		};
		List<Order> orders = orders(1000);
		try (TcpBackend<Order> backend = OneInstance.connect(server.port(), new AgreedCipherCodec(), handler)) {
			assertAnswered(one(backend), orders);
			assertThat(this.pushed.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(new Order(7000, "right behind"));
			one(backend).reconnect("to begin anew");
			await().atMost(LONG).until(() -> backend.group("server").counters().connects() == 2);
			assertThat(backend.awaitReady(LONG)).isTrue();
			assertAnswered(one(backend), orders(1));
		}
		assertThat(server.received()).containsExactly(concat(OrderPeer.frame(hello), xor(frames(orders), "k3y!", 0)),
				concat(OrderPeer.frame(hello), xor(frames(orders(1)), "k3y!", 0)));
	}

	@Test
	void aCipherThatTheLoginSwitchesOnServesWhereTheServerWaits() throws Exception {
		ScriptedServer server = server((in, out, socket) -> {
			assertThat(OrderPeer.order(OrderPeer.readBody(in))).isEqualTo(new Order(CipherLogin.HELLO, "hello"));
			out.write(OrderPeer.frame(new Order(CipherLogin.HELLO, "secret")));
			echoEnciphered(in, out, "secret", 0, 1000);
		});
		List<Order> orders = orders(1000);
		try (TcpBackend<Order> backend = OneInstance.connect(server.port(), new CipherCodec(), new CipherLogin())) {
			assertAnswered(one(backend), orders);
			assertThat(one(backend).trySendBytes(new byte[10])).isEqualTo(SendResult.RAW_BYTES);
		}
		assertThat(server.received()).containsExactly(
				concat(OrderPeer.frame(new Order(CipherLogin.HELLO, "hello")), xor(frames(orders), "secret", 0)));
	}

	/** Answers with the numbers of its own side; {@code skip} leaves one out. */
	private static void answerNumbered(DataInputStream in, OutputStream out) throws IOException {
		int received = 0;
		int sent = 0;
		while (true) {
			byte[] body = OrderPeer.readBody(in);
			ByteBuffer numbered = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
			assertThat(numbered.getInt()).isEqualTo(++received);
			Order order = OrderPeer.order(Arrays.copyOfRange(body, 4, body.length));
			sent += order.text().equals("skip") ? 2 : 1;
			out.write(OrderPeer.frame(concat(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(sent).array(),
					OrderPeer.body(order))));
		}
	}

	@Test
	void sequenceNumbersCountHeartbeatsAndAGapEndsTheConnection() throws Exception {
		ScriptedServer server = server((in, out, socket) -> answerNumbered(in, out));
		TcpHandler<Order> handler = new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Order> connection, Order message) {
				ConnectionRecipesTests.this.pushed.add(message);
			}

			@Override
			public void onDisconnected(TcpConnection<Order> connection, @Nullable Throwable cause) {
				ConnectionRecipesTests.this.ends.add(Objects.requireNonNull(cause));
			}
		};
		TcpSettings settings = TcpSettings.defaults()
			.withLiveness(new TcpLiveness(Duration.ofMillis(20), Duration.ofMinutes(1), Duration.ZERO, Duration.ZERO,
					Duration.ZERO));
		try (TcpBackend<Order> backend = TcpBackend.builder()
			.discovery(new OneInstance(server.port()))
			.settings(settings)
			.build(new NumberedCodec(), handler)) {
			backend.start();
			assertThat(backend.awaitReady(LONG)).isTrue();
			assertAnswered(one(backend), orders(100));
			Order heartbeat = this.pushed.poll(LONG.toSeconds(), TimeUnit.SECONDS);
			assertThat(heartbeat).isEqualTo(new Order(0, "heartbeat"));
			assertThat(one(backend).request(new Order(1, "skip"), LONG)).failsWithin(LONG);
			assertThat(this.ends.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(CodecException.class)
				.hasMessageMatching("sequence number: \\d+ \\(expected: \\d+\\)");
			await().atMost(LONG).until(() -> backend.group("server").counters().connects() == 2);
			assertThat(backend.awaitReady(LONG)).isTrue();
			assertAnswered(one(backend), orders(100));
		}
		finally {
			this.ends.clear();
		}
		assertThat(server.received()).hasSize(2);
	}

	@Test
	void compressionKeepsItsContextOverTheMessagesOfAConnectionAndIsEndedWithIt() throws Exception {
		List<Integer> sizes = new CopyOnWriteArrayList<>();
		ScriptedServer server = server((in, out, socket) -> {
			Inflater inflater = new Inflater();
			Deflater deflater = new Deflater();
			byte[] chunk = new byte[100_000];
			while (true) {
				byte[] compressed = OrderPeer.readBody(in);
				sizes.add(compressed.length);
				inflater.setInput(compressed);
				int length = inflater.inflate(chunk);
				deflater.setInput(chunk.clone(), 0, length);
				length = deflater.deflate(chunk, 0, chunk.length, Deflater.SYNC_FLUSH);
				out.write(OrderPeer.frame(Arrays.copyOf(chunk, length)));
			}
		});
		String text = IntStream.range(0, 1000)
			.mapToObj((i) -> Integer.toHexString(i * 7919))
			.reduce("", String::concat);
		List<MessageCodec<Order>> codecs = new ArrayList<>();
		TcpHandler<Order> handler = new TcpHandler<>() {
			@Override
			@SuppressWarnings("unchecked")
			public void onConnected(TcpConnection<Order> connection) {
				codecs.add(connection.codec(MessageCodec.class));
			}
		};
		try (TcpBackend<Order> backend = OneInstance.connect(server.port(), new DeflateCodec(), handler)) {
			assertAnswered(one(backend), IntStream.range(0, 20).mapToObj((i) -> new Order(i, text)).toList());
			one(backend).reconnect("to begin anew");
			await().atMost(LONG).until(() -> backend.group("server").counters().connects() == 2);
			assertThat(backend.awaitReady(LONG)).isTrue();
			assertAnswered(one(backend), IntStream.range(0, 20).mapToObj((i) -> new Order(i, text)).toList());
		}
		assertThat(sizes).hasSize(40);
		assertThat(sizes.get(20)).isEqualTo(sizes.get(0));
		assertThat(sizes.subList(1, 20)).allSatisfy((size) -> assertThat(size).isLessThan(sizes.get(0) / 10));
		assertThat(codecs).hasSize(2)
			.allSatisfy((codec) -> assertThatThrownBy(() -> codec.encode(new Order(1, text), Unpooled.buffer()))
				.hasMessageContaining("closed"));
	}

	@Test
	void whatInflatesToMoreThanTheBoundEndsTheConnection() throws Exception {
		ScriptedServer server = server((in, out, socket) -> {
			Deflater deflater = new Deflater();
			byte[] zeros = new byte[2 * 1024 * 1024];
			deflater.setInput(zeros);
			byte[] bomb = new byte[60_000];
			int length = deflater.deflate(bomb, 0, bomb.length, Deflater.SYNC_FLUSH);
			OrderPeer.readBody(in);
			out.write(OrderPeer.frame(Arrays.copyOf(bomb, length)));
			in.readByte();
		});
		try (TcpBackend<Order> backend = OneInstance.connect(server.port(), new DeflateCodec(), new TcpHandler<>() {
		})) {
			assertThat(one(backend).request(new Order(1, "bomb"), LONG)).failsWithin(LONG)
				.withThrowableThat()
				.havingRootCause()
				.withMessageContaining("maxCapacity(1048576)");
		}
	}

	@Test
	void twoVersionsOfAProtocolServeInOneFleet() throws Exception {
		ScriptedServer binary = server((in, out, socket) -> OrderPeer.echo(in, out));
		ScriptedServer json = server((in, out, socket) -> in.transferTo(out));
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		discovery.set(instance("one", binary, Map.of()), instance("two", json, Map.of("protocol", "2")),
				instance("three", json, Map.of("protocol", "3")));
		try (TcpBackend<Order> backend = TcpBackend.builder()
			.discovery(discovery)
			.build(new VersionedCodec(), new TcpHandler<>() {
			})) {
			backend.start();
			await().atMost(LONG)
				.until(() -> backend.findService("server", "three") != null
						&& backend.group("server").counters().connects() == 2);
			await().atMost(LONG).until(() -> backend.getService("server", "three").lastFailure() != null);
			await().atMost(LONG).until(() -> backend.group("server").routing().members().size() == 2);
			Order order = new Order(5, "same");
			assertAnswered(one(backend), List.of(order));
			assertAnswered(backend.getService("server", "two"), List.of(order));
			assertThat(backend.broadcast(new Order(6, "all")).accepted()).isEqualTo(2);
			await().atMost(LONG)
				.until(() -> binary.received().get(0).length == frames(List.of(order, new Order(6, "all"))).length);
			assertThat(binary.received()).containsExactly(frames(List.of(order, new Order(6, "all"))));
			String lines = "{\"id\":5,\"text\":\"same\"}\n{\"id\":6,\"text\":\"all\"}\n";
			await().atMost(LONG)
				.until(() -> json.received().stream().anyMatch((bytes) -> bytes.length == lines.length()));
			assertThat(json.received())
				.anySatisfy((bytes) -> assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(lines));
			assertThat(backend.getService("server", "three").lastFailure())
				.hasMessageContaining("VersionedCodec.forConnection failed for server/three at 127.0.0.1")
				.hasMessageContaining("protocol: 3 (expected: 1 or 2)");
		}
	}

	private static DiscoveredInstance instance(String id, ScriptedServer server, Map<String, String> metadata) {
		return new DiscoveredInstance("server", id, "tcp", "127.0.0.1", server.port(), List.of(), metadata);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 7, 1000 })
	void repliesThatOnlyTheCommandExplainsAreReadByIt(int pieces) throws Exception {
		Map<String, String> replies = Map.of("USER alice", "+OK", "CAPA", "+OK\r\nTOP\r\nUIDL\r\n.", "LIST",
				"+OK 2 messages\r\n1 120\r\n2 200\r\n.", "LIST 2", "+OK 2 200", "RETR 1",
				"+OK 120 octets\r\nSubject: dots\r\n\r\n..\r\n..hidden\r\n.", "RETR 3", "-ERR no such message");
		ScriptedServer server = server((in, out, socket) -> {
			socket.setTcpNoDelay(true);
			out.write("+OK ready\r\n".getBytes(StandardCharsets.US_ASCII));
			StringBuilder line = new StringBuilder();
			while (true) {
				line.append((char) in.readByte());
				if (line.toString().endsWith("\r\n")) {
					String reply = replies.getOrDefault(line.toString().strip(), "-ERR");
					writeInPieces(out, (reply + "\r\n").getBytes(StandardCharsets.US_ASCII), pieces);
					line.setLength(0);
				}
			}
		});
		TcpHandler<String> handler = new TcpHandler<>() {
			@Override
			public boolean marksReady() {
				return true;
			}

			@Override
			public void onMessage(TcpConnection<String> connection, String greeting) {
				assertThat(greeting).isEqualTo("+OK ready");
				assertThat(connection.request("USER alice", LONG).join()).isEqualTo("+OK");
				connection.markReady();
			}
		};
		try (TcpBackend<String> backend = OneInstance.connect(server.port(), new PopCodec(), handler)) {
			List<CompletableFuture<String>> answers = Stream
				.of("LIST", "LIST 2", "RETR 3", "RETR 1", "NONSENSE", "CAPA")
				.map((command) -> one(backend).request(command, LONG))
				.toList();
			assertThat(answers).extracting(CompletableFuture::join)
				.containsExactly("+OK 2 messages\n1 120\n2 200", "+OK 2 200", "-ERR no such message",
						"+OK 120 octets\nSubject: dots\n\n.\n.hidden", "-ERR", "+OK\nTOP\nUIDL");
		}
		assertThat(server.received())
			.containsExactly("USER alice\r\nLIST\r\nLIST 2\r\nRETR 3\r\nRETR 1\r\nNONSENSE\r\nCAPA\r\n"
				.getBytes(StandardCharsets.US_ASCII));
	}

}
