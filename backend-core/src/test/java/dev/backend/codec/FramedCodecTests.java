package dev.backend.codec;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The codecs over a framing: bytes, text, JSON, and one of a user.
 */
class FramedCodecTests {

	private static final JsonMapper INDENTING = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

	record Point(long id, @Nullable String name, List<Integer> at) {
	}

	static LongStream seeds() {
		return LongStream.range(0, 50);
	}

	private static Framing anyFraming(Random random) {
		return switch (random.nextInt(3)) {
			case 0 -> LengthFieldFraming.of(2);
			case 1 -> LengthFieldFraming.of(4).littleEndian().withAdjustment(-4);
			default -> LengthFieldFraming.of(8);
		};
	}

	private static String anyText(Random random) {
		return random.ints(random.nextInt(100), 0, Character.MAX_CODE_POINT + 1)
			.filter((point) -> !(point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE))
			.collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
			.toString();
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void bytesAreTheSameForAnySplit(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		List<byte[]> messages = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			byte[] message = new byte[random.nextInt(500)];
			random.nextBytes(message);
			messages.add(message);
		}
		ByteStream.assertSameForAnySplit(new BytesCodec(anyFraming(random)), messages, ByteBufUtil::hexDump, random);
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void textIsTheSameForAnySplit(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		Charset charset = List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16)
			.get(random.nextInt(3));
		List<String> messages = LongStream.range(0, 20).mapToObj((i) -> anyText(random)).toList();
		ByteStream.assertSameForAnySplit(new TextCodec(anyFraming(random), charset), messages, (text) -> text, random);
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void jsonIsTheSameForAnySplitEvenInLinesFromAMapperThatIndents(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		Framing framing = random.nextBoolean() ? anyFraming(random) : DelimiterFraming.line();
		List<Point> messages = LongStream.range(0, 20)
			.mapToObj((i) -> new Point(random.nextLong(), random.nextBoolean() ? anyText(random) : null,
					random.ints(random.nextInt(5)).boxed().toList()))
			.toList();
		ByteStream.assertSameForAnySplit(new JsonCodec<>(framing, INDENTING, Point.class), messages, (point) -> point,
				random);
	}

	@Test
	void jsonOfAGenericTypeKeepsItsTypeArguments() throws Exception {
		JsonMapper mapper = JsonMapper.shared();
		JsonCodec<Map<String, List<Long>>> codec = new JsonCodec<>(DelimiterFraming.line(), mapper,
				mapper.constructType(new TypeReference<Map<String, List<Long>>>() {
				}));
		byte[] bytes = ByteStream.encode(codec, List.of(Map.of("a", List.of(1L, 2L))));
		assertThat(bytes).asString().isEqualTo("{\"a\":[1,2]}\n");
		assertThat(ByteStream.decode(codec, bytes, () -> 1)).containsExactly(Map.of("a", List.of(1L, 2L)));
	}

	@Test
	void whenJsonIsNoObjectOfTheTypeThenItIsRefused() {
		JsonCodec<Point> codec = new JsonCodec<>(DelimiterFraming.line(), JsonMapper.shared(), Point.class);
		assertThatExceptionOfType(CodecException.class).isThrownBy(() -> decode(codec, "null\n"))
			.withMessage("JSON message: null (expected: an object)");
		assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> decode(codec, "{\"id\":1\n"));
		assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> decode(codec, "[1]\n"));
		assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> decode(codec, "{\"id\":1} {\"id\":2}\n"));
		assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> decode(codec, "\n"));
	}

	@Test
	void whenABodyIsReadAsNullOrInPartThenTheFrameIsSkipped() throws Exception {
		FramedCodec<Integer> codec = new FramedCodec<>(LengthFieldFraming.of(1)) {
			@Override
			protected void encodeBody(Integer message, ByteBuf out) {
				out.writeByte(message);
			}

			@Override
			protected @Nullable Integer decodeBody(ByteBuf body) {
				int first = body.getByte(0);
				return (first != 0) ? first : null;
			}
		};
		byte[] stream = { 1, 5, 2, 6, 99, 1, 0, 2, 0, 99, 3, 7, 99, 99 };
		for (int piece = 1; piece <= stream.length; piece++) {
			int size = piece;
			assertThat(ByteStream.decode(codec, stream, () -> size)).containsExactly(5, 6, 7);
		}
	}

	@Test
	void whenABodyIsReadBeyondItsEndThenNothingOfTheNextFrameIsSeen() {
		FramedCodec<Long> codec = new FramedCodec<>(LengthFieldFraming.of(1)) {
			@Override
			protected void encodeBody(Long message, ByteBuf out) {
				out.writeLong(message);
			}

			@Override
			protected Long decodeBody(ByteBuf body) {
				return body.getLong(0);
			}
		};
		byte[] stream = { 4, 1, 2, 3, 4, 4, 1, 2, 3, 4 };
		assertThatExceptionOfType(IndexOutOfBoundsException.class)
			.isThrownBy(() -> ByteStream.decode(codec, stream, () -> stream.length));
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void aFramingOfAUserGivesTheSameMessagesForAnySplit(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		List<String> messages = IntStream.range(0, 20).mapToObj((i) -> "x".repeat(random.nextInt(1000))).toList();
		ByteStream.assertSameForAnySplit(new TextCodec(new GrowingLengthFraming(), StandardCharsets.US_ASCII), messages,
				(text) -> text, random);
	}

	/** Lengths of seven bits per byte, as in MQTT: a header whose size is known last. */
	private static final class GrowingLengthFraming implements Framing {

		@Override
		public void begin(ByteBuf out) {
			// The length of the length is not known yet.
		}

		@Override
		public void end(ByteBuf out, int start) {
			int length = out.writerIndex() - start;
			int header = 1 + (31 - Integer.numberOfLeadingZeros(length | 1)) / 7;
			out.writeZero(header).setBytes(start + header, out, start, length);
			for (int i = 0; i < header; i++) {
				out.setByte(start + i, (length >>> (7 * i)) & 0x7f | ((i < header - 1) ? 0x80 : 0));
			}
		}

		@Override
		public @Nullable ByteBuf next(ByteBuf in) {
			int length = 0;
			for (int i = 0; i < in.readableBytes(); i++) {
				byte part = in.getByte(in.readerIndex() + i);
				length |= (part & 0x7f) << (7 * i);
				if (part >= 0) {
					return (in.readableBytes() > i + length) ? in.skipBytes(i + 1).readSlice(length) : null;
				}
			}
			return null;
		}

	}

	private static List<Point> decode(JsonCodec<Point> codec, String text) throws Exception {
		return ByteStream.decode(codec, text.getBytes(StandardCharsets.UTF_8), () -> 100);
	}

}
