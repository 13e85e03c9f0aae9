package dev.backend.protocol;

import java.io.DataInputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import dev.backend.ConnectionLostException;
import dev.backend.NoReplyException;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpBatch;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.backend.protocol.OneInstance.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The quiet commands of docs/codecs.md, against a server that answers as memcached does;
 * or memcached itself, at the port of the system property {@code memcached.port}.
 */
@Timeout(60)
class QuietCommandsTests {

	private static final @Nullable Integer MEMCACHED = Integer.getInteger("memcached.port");

	private final Map<String, String> values = new ConcurrentHashMap<>();

	@Test
	void whenValuesAreMissingThenTheirRequestsEndAndTheOthersGetTheirs() throws Exception {
		try (ScriptedServer fake = new ScriptedServer(this::serve)) {
			int port = port(fake);
			for (int number = 0; number < 100; number += 3) {
				store(port, number);
			}
			try (TcpBackend<String> backend = OneInstance.connect(port, new QuietCodec(), new TcpHandler<>() {
			})) {
				askForMany(backend.getService("server", "one"));
			}
			assertThat(fake.failures()).isEmpty();
		}
	}

	@Test
	void whenAnotherCommandFindsNothingThenTheQuietOneOfItsKeyHasNoReply() throws Exception {
		try (ScriptedServer fake = new ScriptedServer(this::serve);
				TcpBackend<String> backend = OneInstance.connect(port(fake), new QuietCodec(), new TcpHandler<>() {
				})) {
			TcpBatch<String> batch = new TcpBatch<String>().request("mg absent k v q", LONG)
				.request("mg absent k v", LONG)
				.request("mn", LONG);
			List<CompletableFuture<String>> replies = backend.getService("server", "one").submit(batch);
			assertThat(replies.get(2).join()).isEqualTo("MN");
			assertThat(replies.get(1).join()).startsWith("EN");
			assertThatThrownBy(replies.get(0)::join).hasCauseInstanceOf(NoReplyException.class);
		}
	}

	@Test
	void whenQuietCommandIsRefusedThenNobodyIsToldThatNothingWasFound() throws Exception {
		try (ScriptedServer fake = new ScriptedServer(this::serve)) {
			store(port(fake), 7);
			try (TcpBackend<String> backend = OneInstance.connect(port(fake), new QuietCodec(), new TcpHandler<>() {
			})) {
				TcpBatch<String> batch = new TcpBatch<String>().request("mg " + "x".repeat(300) + " k v q", LONG)
					.request("mn", LONG)
					.request("mg key7 k v q", LONG)
					.request("mn", LONG);
				assertThat(backend.getService("server", "one").submit(batch)).allSatisfy(
						(reply) -> assertThatThrownBy(reply::join).hasCauseInstanceOf(ConnectionLostException.class));
			}
		}
	}

	private static int port(ScriptedServer fake) {
		return (MEMCACHED != null) ? MEMCACHED : fake.port();
	}

	private static void store(int port, int number) throws Exception {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			String value = value(number);
			socket.getOutputStream()
				.write("ms key%d %d T600\r\n%s\r\n".formatted(number, value.length(), value)
					.getBytes(StandardCharsets.UTF_8));
			assertThat(line(new DataInputStream(socket.getInputStream()))).startsWith("HD");
		}
	}

	/** Of any length, and with the end of a line in it. */
	private static String value(int number) {
		return "value\r\n" + "x".repeat(number);
	}

	private static void askForMany(TcpService<String> service) {
		Random random = new Random(1);
		for (int round = 0; round < 200; round++) {
			List<Integer> numbers = random.ints(10, 0, 100).boxed().toList();
			List<CompletableFuture<String>> values = new ArrayList<>();
			numbers.forEach((number) -> values.add(service.request("mg key" + number + " k v q", LONG)));
			assertThat(service.request("mn", LONG).join()).isEqualTo("MN");
			for (int i = 0; i < 10; i++) {
				assertEnded(numbers.get(i), values.get(i));
			}
		}
		assertThat(service.pendingRequests()).isZero();
	}

	private static void assertEnded(int number, CompletableFuture<String> reply) {
		if (number % 3 == 0) {
			assertThat(reply.join())
				.isEqualTo("VA %d kkey%d\n%s".formatted(value(number).length(), number, value(number)));
		}
		else {
			assertThatThrownBy(reply::join).hasCauseInstanceOf(NoReplyException.class);
		}
	}

	private void serve(DataInputStream in, OutputStream out, Socket socket) throws Exception {
		while (true) {
			out.write(answer(line(in).split(" "), in).getBytes(StandardCharsets.UTF_8));
		}
	}

	private String answer(String[] words, DataInputStream in) throws Exception {
		switch (words[0]) {
			case "ms":
				byte[] value = new byte[Integer.parseInt(words[2])];
				in.readFully(value);
				assertThat(line(in)).isEmpty();
				this.values.put(words[1], new String(value, StandardCharsets.UTF_8));
				return "HD\r\n";
			case "mg":
				return (words[1].length() <= 250) ? answer(List.of(words)) : "CLIENT_ERROR bad command line format\r\n";
			default:
				return "MN\r\n";
		}
	}

	private String answer(List<String> get) {
		String key = get.get(1);
		String stored = this.values.get(key);
		if (stored != null) {
			return "VA %d k%s\r\n%s\r\n".formatted(stored.length(), key, stored);
		}
		return (!get.contains("q")) ? "EN k%s\r\n".formatted(key) : "";
	}

	private static String line(DataInputStream in) throws Exception {
		StringBuilder line = new StringBuilder();
		for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
			line.append((next != '\r') ? String.valueOf((char) next) : "");
		}
		return line.toString();
	}

}
