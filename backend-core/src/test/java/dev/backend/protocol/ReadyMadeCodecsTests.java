package dev.backend.protocol;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;

import dev.backend.BackendService;
import dev.backend.codec.BytesCodec;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.JsonCodec;
import dev.backend.codec.LengthFieldFraming;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.TextCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The ready-made codecs, each extended by one of its own for every connection that puts a
 * number before each body, and checks that of each that comes back.
 */
@Timeout(60)
class ReadyMadeCodecsTests {

	@Test
	void bytesCanBeNumberedByConnection() throws Exception {
		assertNumbered(new NumberedBytes(), (i) -> new byte[] { i.byteValue() },
				(bytes) -> List.of(bytes.length, bytes[0]));
	}

	@Test
	void textCanBeNumberedByConnection() throws Exception {
		assertNumbered(new NumberedText(), (i) -> "text " + i, (text) -> text);
	}

	@Test
	void jsonCanBeNumberedByConnection() throws Exception {
		assertNumbered(new NumberedJson(), (i) -> new Order(i, "json " + i), (order) -> order);
	}

	private static <M> void assertNumbered(MessageCodec<M> codec, Function<Integer, M> message,
			Function<M, Object> value) throws Exception {
		DisposableServer echo = TcpServer.create()
			.host("127.0.0.1")
			.port(0)
			.handle((in, out) -> out.send(in.receive().retain()))
			.bindNow();
		try (TcpBackend<M> backend = OneInstance.connect(echo.port(), codec, new TcpHandler<>() {
		})) {
			// Were the numbers those of all connections, the second would be refused.
			for (int connection = 1; connection <= 2; connection++) {
				List<M> messages = IntStream.range(0, 100).mapToObj(message::apply).toList();
				List<CompletableFuture<M>> replies = messages.stream()
					.map((sent) -> backend.getService("server", "one").request(sent, OneInstance.LONG))
					.toList();
				assertThat(replies).extracting(CompletableFuture::join)
					.extracting(value::apply)
					.containsExactlyElementsOf(messages.stream().map(value).toList());
				backend.getService("server", "one").reconnect("to begin anew");
				long connects = connection + 1;
				await().atMost(OneInstance.LONG).until(() -> backend.group("server").counters().connects() == connects);
				assertThat(backend.awaitReady(OneInstance.LONG)).isTrue();
			}
		}
		finally {
			echo.disposeNow();
		}
	}

	/** Numbers of a connection, from one on, as a character. */
	private static final class Numbers {

		private int sent;

		private int received;

		void write(ByteBuf out) {
			out.writeByte('0' + ++this.sent % 10);
		}

		void read(ByteBuf in) {
			assertThat(in.readByte()).isEqualTo((byte) ('0' + ++this.received % 10));
		}

	}

	private static final class NumberedBytes extends BytesCodec {

		private final Numbers numbers = new Numbers();

		NumberedBytes() {
			super(LengthFieldFraming.of(2));
		}

		@Override
		public MessageCodec<byte[]> forConnection(BackendService service) {
			return new NumberedBytes();
		}

		@Override
		protected void encodeBody(byte[] message, ByteBuf out) {
			this.numbers.write(out);
			super.encodeBody(message, out);
		}

		@Override
		protected byte[] decodeBody(ByteBuf body) {
			this.numbers.read(body);
			return super.decodeBody(body);
		}

		@Override
		public Correlation correlation() {
			return Correlation.IN_ORDER;
		}

	}

	private static final class NumberedText extends TextCodec {

		private final Numbers numbers = new Numbers();

		NumberedText() {
			super(DelimiterFraming.line(), StandardCharsets.UTF_8);
		}

		@Override
		public MessageCodec<String> forConnection(BackendService service) {
			return new NumberedText();
		}

		@Override
		protected void encodeBody(String message, ByteBuf out) {
			this.numbers.write(out);
			super.encodeBody(message, out);
		}

		@Override
		protected String decodeBody(ByteBuf body) {
			this.numbers.read(body);
			return super.decodeBody(body);
		}

		@Override
		public Correlation correlation() {
			return Correlation.IN_ORDER;
		}

	}

	private static final class NumberedJson extends JsonCodec<Order> {

		private final Numbers numbers = new Numbers();

		NumberedJson() {
			super(DelimiterFraming.line(), JsonMapper.shared(), Order.class);
		}

		@Override
		public MessageCodec<Order> forConnection(BackendService service) {
			return new NumberedJson();
		}

		@Override
		protected void encodeBody(Order message, ByteBuf out) throws Exception {
			this.numbers.write(out);
			super.encodeBody(message, out);
		}

		@Override
		protected Order decodeBody(ByteBuf body) throws Exception {
			this.numbers.read(body);
			return Objects.requireNonNull(super.decodeBody(body));
		}

		@Override
		public Object requestId(Order order) {
			return order.id();
		}

		@Override
		public Object responseId(Order order) {
			return order.id();
		}

	}

}
