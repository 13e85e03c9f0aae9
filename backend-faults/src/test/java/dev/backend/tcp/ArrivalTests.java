package dev.backend.tcp;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

import dev.backend.codec.BytesCodec;
import dev.backend.codec.Checksum;
import dev.backend.codec.CodecException;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.Escaping;
import dev.backend.codec.FieldFormat;
import dev.backend.codec.FrameLayout;
import dev.backend.codec.FrameLayout.Counted;
import dev.backend.codec.Framing;
import dev.backend.codec.JsonCodec;
import dev.backend.codec.LengthFieldFraming;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.TextCodec;
import dev.backend.test.CountingBuffer;
import dev.backend.test.SlowTest;
import dev.backend.test.fault.FaultProxy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Messages are the same in whatever pieces they arrive, and the pieces cost what the
 * bytes do: counted, not timed. What was timed is in the log.
 */
@Timeout(120)
@SlowTest
class ArrivalTests {

	private static final Logger logger = LoggerFactory.getLogger(ArrivalTests.class);

	private static final long SEED = Long.getLong("faults.seed", 7);

	private static final int LARGEST = Framing.DEFAULT_MAX_FRAME_BYTES;

	private final TestServer server = TestServer.silent();

	private final List<AutoCloseable> resources = new ArrayList<>(List.of(this.server));

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	static Stream<Protocol<?>> protocols() {
		return Stream.of(bytes("length of 4 bytes", LengthFieldFraming.of(4)),
				bytes("length of 3 bytes, little endian", LengthFieldFraming.of(3).littleEndian()),
				bytes("length in a header", LengthFieldFraming.of(8).withAdjustment(-8)),
				text("lines", DelimiterFraming.line()), text("lines with \\r\\n", DelimiterFraming.crlfLine()),
				text("delimiter of 2 bytes", DelimiterFraming.of("||")),
				text("delimiter like the text", DelimiterFraming.of("xxxxxxx|")),
				text("start, end and a checksum",
						FrameLayout.builder().start(2).body().end(3, 4).checksum(1, Checksum.xor()).build()),
				text("escaped", escaped(0xDB)), text("escaped often", escaped('x')),
				bytes("length in digits",
						FrameLayout.builder()
							.length(FieldFormat.decimalUntil(':', 7), Counted.BODY)
							.body()
							.end(",")
							.build()),
				new Protocol<>("JSON in lines",
						new JsonCodec<>(DelimiterFraming.line(), JsonMapper.shared(), Note.class), Note::new),
				new Protocol<>("a codec that only decodes", new LastByteCodec(), ArrivalTests::textOf));
	}

	/** One of each of the ready-made framings and codecs. */
	static Stream<Protocol<?>> readyMadeProtocols() {
		Set<String> names = Set.of("length of 4 bytes", "lines", "delimiter like the text", "start, end and a checksum",
				"escaped", "JSON in lines");
		return protocols().filter((protocol) -> names.contains(protocol.name));
	}

	private static Protocol<byte[]> bytes(String name, Framing framing) {
		return new Protocol<>(name, new BytesCodec(framing),
				(length) -> textOf(length).getBytes(StandardCharsets.US_ASCII));
	}

	private static Protocol<String> text(String name, Framing framing) {
		return new Protocol<>(name, new TextCodec(framing, StandardCharsets.US_ASCII), ArrivalTests::textOf);
	}

	private static FrameLayout escaped(int escape) {
		return FrameLayout.builder()
			.start(0xC0)
			.body()
			.end(0xC0)
			.escaping(Escaping.by(escape).replacing(0xC0, 'a').replacing(escape, 'b'))
			.build();
	}

	/** Text that has much of the delimiters, but none of them, nor ends with a part. */
	private static String textOf(int length) {
		return "x|xxxxx".repeat(length / 7) + "x".repeat(length % 7);
	}

	@ParameterizedTest
	@MethodSource("protocols")
	<M> void messagesAreTheSameInAnyPieces(Protocol<M> protocol) throws Exception {
		Random random = new Random(new SplittableRandom(SEED).nextLong());
		List<M> sent = protocol.messages(3000, () -> random.nextInt(30));
		byte[] bytes = protocol.encode(sent);
		ArrivalFixture<M> arrival = connect(protocol, this.server.port());
		List<IntSupplier> splits = List.of(() -> bytes.length, () -> 1, () -> 1 + random.nextInt(7),
				() -> 1 + random.nextInt(3000));
		for (IntSupplier split : splits) {
			arrival.arrive(new CountingBuffer(), bytes, split);
			assertArrived(arrival, sent);
		}
		assertThat(arrival.causes()).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("protocols")
	<M> void messagesAreTheSameInSegmentsOfOneByteAndInOneOfAll(Protocol<M> protocol) throws Exception {
		FaultProxy proxy = new FaultProxy(this.server.port());
		this.resources.add(0, proxy);
		Random random = new Random(new SplittableRandom(SEED).nextLong());
		List<M> sent = protocol.messages(300, () -> random.nextInt(20));
		byte[] bytes = protocol.encode(sent);
		ArrivalFixture<M> arrival = connect(protocol, proxy.port());
		await().until(() -> !this.server.connections().isEmpty());
		Socket peer = this.server.connections().get(0);
		TestServer.send(peer, bytes);
		assertArrived(arrival, sent);
		proxy.slice(1);
		TestServer.send(peer, bytes);
		assertArrived(arrival, sent);
		assertThat(arrival.causes()).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("readyMadeProtocols")
	<M> void whenAFrameOfOneMebibyteArrivesByteByByteThenTwiceTheBytesAreTwiceTheWork(Protocol<M> protocol)
			throws Exception {
		Work half = work(protocol, List.of(LARGEST / 2 - 100), () -> 1);
		Work whole = work(protocol, List.of(LARGEST - 100), () -> 1);
		logger.info("{}, byte by byte: 512 KiB: {}; 1 MiB: {}", protocol, half, whole);
		assertThat(whole.examined).isLessThan(5 * half.examined / 2);
		assertThat(whole.copied).isLessThan(5 * half.copied / 2);
		// A length is looked at for each byte that comes; a delimiter's bytes, too.
		assertThat(whole.examined).isLessThan(20L * LARGEST);
		assertThat(whole.copied).isLessThan(3L * LARGEST);
	}

	@ParameterizedTest
	@MethodSource("readyMadeProtocols")
	<M> void whenManyMessagesArriveAtOnceThenTwiceTheBytesAreTwiceTheWork(Protocol<M> protocol) throws Exception {
		List<Integer> lengths = new ArrayList<>(Stream.generate(() -> 40).limit(5_000).toList());
		Work half = work(protocol, lengths, () -> Integer.MAX_VALUE);
		lengths.addAll(List.copyOf(lengths));
		Work whole = work(protocol, lengths, () -> Integer.MAX_VALUE);
		logger.info("{}, all at once: 5,000 messages: {}; 10,000: {}", protocol, half, whole);
		assertThat(whole.examined).isLessThan(5 * half.examined / 2);
		assertThat(whole.copied).isLessThan(10_000 * 100L);
	}

	private <M> Work work(Protocol<M> protocol, List<Integer> lengths, IntSupplier pieces) throws Exception {
		List<M> sent = lengths.stream().map(protocol.message::apply).toList();
		byte[] bytes = protocol.encode(sent);
		ArrivalFixture<M> arrival = connect(protocol, this.server.port());
		CountingBuffer buffer = new CountingBuffer();
		buffer.ensureWritable(Math.min(pieces.getAsInt(), bytes.length));
		buffer.takeCopied();
		long nanos = arrival.arrive(buffer, bytes, pieces);
		assertArrived(arrival, sent);
		return arrival.channel()
			.eventLoop()
			.submit(() -> new Work(buffer.takeExamined(), buffer.takeCopied(), nanos / 1_000_000))
			.get();
	}

	@ParameterizedTest
	@MethodSource("protocols")
	<M> void whenAFrameDoesNotEndThenItIsRefusedAtTheBound(Protocol<M> protocol) throws Exception {
		TcpLimits limits = TcpLimits.defaults();
		ArrivalFixture<M> arrival = new ArrivalFixture<>(protocol.codec, limits.withFrameBytes(1000),
				this.server.port());
		this.resources.add(0, arrival);
		byte[] bytes = protocol.encode(List.of(protocol.message.apply(5000)));
		CountingBuffer buffer = new CountingBuffer();
		arrival.arrive(buffer, bytes, () -> 1);
		await().until(() -> !arrival.causes().isEmpty());
		assertThat(arrival.causes()).singleElement()
			.isInstanceOf(CodecException.class)
			.asString()
			.contains("game/game-1 at 127.0.0.1",
					"more than 1000 bytes (expected: at most 1000, backend.tcp.limits.frame-bytes)");
		assertThat(arrival.messages()).isEmpty();
		assertThat(buffer.capacity()).isLessThanOrEqualTo(1024);
		assertThat(buffer.refCnt()).isZero();
	}

	private <M> ArrivalFixture<M> connect(Protocol<M> protocol, int port) throws InterruptedException {
		TcpLimits limits = TcpLimits.defaults();
		ArrivalFixture<M> arrival = new ArrivalFixture<>(protocol.codec, limits, port);
		this.resources.add(0, arrival);
		return arrival;
	}

	private static <M> void assertArrived(ArrivalFixture<M> arrival, List<M> sent) {
		await().until(() -> arrival.messages().size() >= sent.size() || !arrival.causes().isEmpty());
		assertThat(arrival.messages()).as("seed %d", SEED)
			.extracting(Protocol::view)
			.containsExactlyElementsOf(sent.stream().map(Protocol::view).toList());
		arrival.messages().clear();
	}

	/** A message of JSON. */
	record Note(String text) {

		Note(int length) {
			this(textOf(length));
		}

	}

	/** What some bytes cost; the time is that of the processor, for people only. */
	private record Work(long examined, long copied, long millis) {

		@Override
		public String toString() {
			return "%,d bytes examined, %,d copied, %d ms".formatted(this.examined, this.copied, this.millis);
		}

	}

	/** A codec with a way to make messages. */
	private record Protocol<M>(String name, MessageCodec<M> codec, IntFunction<M> message) {

		List<M> messages(int count, IntSupplier lengths) {
			return Stream.generate(() -> this.message.apply(lengths.getAsInt())).limit(count).toList();
		}

		byte[] encode(List<M> messages) throws Exception {
			ByteBuf out = Unpooled.buffer();
			for (M message : messages) {
				this.codec.encode(message, out);
			}
			return ByteBufUtil.getBytes(out);
		}

		static Object view(Object message) {
			return (message instanceof byte[] bytes) ? ByteBufUtil.hexDump(bytes) : message;
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

	/** What a user may write: it knows no hint. */
	private static final class LastByteCodec implements MessageCodec<String> {

		@Override
		public void encode(String message, ByteBuf out) {
			out.writeCharSequence(message + ";", StandardCharsets.US_ASCII);
		}

		@Override
		public @Nullable String decode(ByteBuf in) {
			int length = in.bytesBefore((byte) ';');
			if (length < 0) {
				return null;
			}
			String message = in.readCharSequence(length, StandardCharsets.US_ASCII).toString();
			in.skipBytes(1);
			return message;
		}

	}

}
