package dev.backend.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.backend.codec.FrameLayout;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.TextCodec;
import dev.backend.discovery.redis.RedisServerFixture;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The codecs that docs/codecs.md shows are compiled here, and they work.
 */
@Timeout(60)
class CodecsDocumentTests {

	private static final Path SOURCES = Path.of("src/test/java/dev/backend/protocol");

	@Test
	void everyJavaBlockStandsInACompiledSource() throws IOException {
		String document = Files.readString(Path.of("../docs/codecs.md"));
		List<String> blocks = Pattern.compile("^```java\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
			.matcher(document)
			.results()
			.map((MatchResult block) -> code(block.group(1)))
			.toList();
		List<String> sources;
		try (Stream<Path> files = Files.list(SOURCES)) {
			sources = files.map(CodecsDocumentTests::read).map(CodecsDocumentTests::code).toList();
		}
		assertThat(blocks).hasSize(18)
			.allSatisfy((block) -> assertThat(sources).anyMatch((source) -> source.contains(block)));
	}

	@Test
	void ordersAreAnsweredInBinaryAndInJson() throws Exception {
		List<Order> orders = IntStream.range(0, 1000).mapToObj((i) -> new Order(i, "no. " + i + "\n")).toList();
		assertAnswered(new OrderCodec(), orders);
		assertAnswered(new JsonOrderCodec(JsonMapper.shared()), orders);
	}

	@Test
	void messagesWithAHeaderAreAnsweredByTheirIds() throws Exception {
		assertAnswered(new PacketCodec(),
				IntStream.range(0, 1000).mapToObj((i) -> new Packet(i % 7, i, "no. " + i)).toList());
		assertAnswered(new IsoCodec(),
				IntStream.range(0, 1000)
					.mapToObj((i) -> new Iso(800, 0x8220000000000000L, "1201120000%06d301".formatted(i)))
					.toList());
	}

	@Test
	void framesOfKnownProtocolsAreAnsweredInOrder() throws Exception {
		for (FrameLayout layout : List.of(Layouts.PROTOBUF_DELIMITED, Layouts.NETSTRING, Layouts.STX_ETX, Layouts.MLLP,
				Layouts.SLIP, Layouts.MEMCACHED)) {
			assertAnswered(new TextCodec(layout, StandardCharsets.ISO_8859_1) {
				@Override
				public Correlation correlation() {
					return Correlation.IN_ORDER;
				}
			}, IntStream.range(0, 300).mapToObj((i) -> "\u00c0\u00db".repeat(i % 20) + i).toList());
		}
	}

	private static DisposableServer echo() {
		return TcpServer.create()
			.host("127.0.0.1")
			.port(0)
			.handle((in, out) -> out.send(in.receive().retain()))
			.bindNow();
	}

	private static <M> void assertAnswered(MessageCodec<M> codec, List<M> messages) throws Exception {
		DisposableServer echo = echo();
		try (TcpBackend<M> backend = OneInstance.connect(echo.port(), codec, new TcpHandler<>() {
		})) {
			List<CompletableFuture<M>> replies = messages.stream()
				.map((message) -> backend.getService("server", "one").request(message, OneInstance.LONG))
				.toList();
			assertThat(replies).extracting(CompletableFuture::join).containsExactlyElementsOf(messages);
		}
		finally {
			echo.disposeNow();
		}
	}

	@Test
	void requestsAreAnsweredByTheIdsThatTheConnectionGivesOut() throws Exception {
		DisposableServer echo = echo();
		try (TcpBackend<Order> backend = OneInstance.connect(echo.port(), new IssuedIdCodec(), new TcpHandler<>() {
		})) {
			List<CompletableFuture<Order>> replies = IntStream.range(0, 1000)
				.mapToObj(
						(i) -> backend.getService("server", "one").request(new Order(0, "no. " + i), OneInstance.LONG))
				.toList();
			assertThat(replies).extracting(CompletableFuture::join)
				.containsExactlyElementsOf(
						IntStream.range(0, 1000).mapToObj((i) -> new Order(i + 1, "no. " + i)).toList());
		}
		finally {
			echo.disposeNow();
		}
	}

	@Test
	void linesAreAnsweredInOrderByARedisThatTakesThem() throws Exception {
		try (RedisServerFixture redis = RedisServerFixture.started();
				TcpBackend<String> backend = OneInstance.connect(redis.port(), new LineCodec(), new TcpHandler<>() {
				})) {
			List<CompletableFuture<String>> replies = IntStream.range(0, 1000)
				.mapToObj((i) -> backend.getService("server", "one").request("INCR lines", OneInstance.LONG))
				.toList();
			assertThat(replies).extracting(CompletableFuture::join)
				.containsExactlyElementsOf(IntStream.rangeClosed(1, 1000).mapToObj((i) -> ":" + i).toList());
		}
	}

	private static String code(String text) {
		return text.lines()
			.map(String::strip)
			.filter((line) -> !line.isEmpty() && !line.startsWith("import ") && !line.startsWith("package "))
			.reduce("", (code, line) -> code + line + "\n");
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
