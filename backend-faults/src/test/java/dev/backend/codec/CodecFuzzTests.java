package dev.backend.codec;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.backend.codec.FrameLayout.Counted;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The ready-made codecs and framings against any bytes. The first bytes of an input
 * choose the parameters, the others arrive. See CONTRIBUTING.md for how to fuzz.
 */
class CodecFuzzTests {

	private static final List<DelimiterFraming> DELIMITERS = List.of(DelimiterFraming.line(),
			DelimiterFraming.crlfLine(), DelimiterFraming.of("||"), DelimiterFraming.of((byte) 0),
			DelimiterFraming.of("aab"), DelimiterFraming.of("aaa"));

	private static final List<Charset> CHARSETS = List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1,
			StandardCharsets.UTF_16LE, StandardCharsets.US_ASCII);

	private static final List<Counted> COUNTED = List.of(Counted.FOLLOWING, Counted.BODY, Counted.FRAME,
			Counted.FOLLOWING);

	/** The seeds are named after these. */
	private static final List<FrameLayout> LAYOUTS = List.of(
			FrameLayout.builder().type(2).length(4, Counted.BODY).id(4).body().build(),
			FrameLayout.builder().type(1).length(FieldFormat.varint(5), Counted.FRAME).id(8).body().build(),
			FrameLayout.builder().length(FieldFormat.decimalUntil(':', 7), Counted.BODY).body().end(",").build(),
			FrameLayout.builder()
				.length(FieldFormat.decimal(4), Counted.FOLLOWING)
				.type(FieldFormat.decimal(4))
				.body()
				.build(),
			FrameLayout.builder().start(2).type(1).body().end(3).checksum(1, Checksum.xor()).build(),
			FrameLayout.builder().start(0x0B).body().end(0x1C, 0x0D).build(),
			FrameLayout.builder()
				.start(0xC0)
				.body()
				.end(0xC0)
				.escaping(Escaping.by(0xDB).replacing(0xC0, 0xDC).replacing(0xDB, 0xDD))
				.build(),
			FrameLayout.builder()
				.start(0x7E)
				.id(2)
				.body()
				.checksum(4, Checksum.of(CRC32::new))
				.end(0x7E, 0x0A)
				.escaping(Escaping.by(0x7D).xor(0x20, 0x7E, 0x7D))
				.build(),
			FrameLayout.builder()
				.constant("v1")
				.length(FieldFormat.littleEndian(3), Counted.FRAME)
				.flags(1)
				.checksum(FieldFormat.bigEndian(1), Checksum.sum(), Checksum.Covered.BEFORE)
				.body()
				.checksum(FieldFormat.hex(8), Checksum.of(CRC32::new), Checksum.Covered.BODY)
				.end(3)
				.build(),
			FrameLayout.builder()
				.start('$')
				.body()
				.constant("*")
				.checksum(FieldFormat.hex(2), Checksum.xor(), Checksum.Covered.BODY)
				.end("\r\n")
				.build());

	/** The largest is more than a test may allocate. */
	private static final List<Integer> BOUNDS = List.of(16, 64, 1 << 20, Integer.MAX_VALUE);

	private static final List<Framing> JSON_FRAMES = List.of(DelimiterFraming.line(), LengthFieldFraming.of(2),
			LengthFieldFraming.of(1).withMaxFrameBytes(32), DelimiterFraming.of("}"));

	private static final List<JsonCodec<Order>> JSON = JSON_FRAMES.stream()
		.map((framing) -> new JsonCodec<>(framing, JsonMapper.shared(), Order.class))
		.toList();

	@FuzzTest(maxDuration = "3m")
	void lengthFields(byte[] input) throws Exception {
		FrameLayout layout = (input.length >= 3) ? lengthField(input[0], input[1], input[2]) : null;
		if (layout != null) {
			byte[] bytes = from(input, 3);
			CodecCheck<byte[]> check = new CodecCheck<>(new BytesCodec(layout), ByteBufUtil::hexDump);
			check.decodes(bytes);
			check.encodes(bytes);
		}
	}

	private static @Nullable FrameLayout lengthField(byte field, byte adjustment, byte header) {
		int length = 1 + (field & 7);
		int offset = (field >> 3) & 3;
		int behind = Math.min(Long.BYTES, (header & 15) - length - offset);
		FrameLayout.Builder builder = FrameLayout.builder().maxFrameBytes(BOUNDS.get((header >> 4) & 3));
		if (offset > 0) {
			builder.field("before", offset);
		}
		builder.length(((field & 32) != 0) ? FieldFormat.littleEndian(length) : FieldFormat.bigEndian(length),
				COUNTED.get((field >> 6) & 3), adjustment);
		if (behind > 0) {
			builder.field("behind", behind);
		}
		try {
			return builder.body().build();
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	@FuzzTest(maxDuration = "3m")
	void layouts(byte[] input) throws Exception {
		if (input.length >= 2) {
			FrameLayout layout = LAYOUTS.get((input[0] & 0xff) % LAYOUTS.size())
				.withMaxFrameBytes(Math.max(64, BOUNDS.get(input[1] & 3)));
			byte[] bytes = from(input, 2);
			CodecCheck<Fields> check = new CodecCheck<>(new FieldsCodec(layout), (fields) -> fields);
			check.decodes(bytes);
			check.encodes(new Fields(Collections.nCopies(layout.fields().size(), 1L), ByteBufUtil.hexDump(bytes)));
		}
	}

	@FuzzTest(maxDuration = "3m")
	void delimiters(byte[] input) throws Exception {
		if (input.length >= 2) {
			Framing framing = DELIMITERS.get((input[0] & 0xff) % DELIMITERS.size())
				.withMaxFrameBytes(BOUNDS.get(input[1] & 3));
			Charset charset = CHARSETS.get((input[1] >> 2) & 3);
			// What the charset does not have is replaced, once.
			CodecCheck<String> check = new CodecCheck<>(new TextCodec(framing, charset),
					(text) -> new String(text.getBytes(charset), charset));
			byte[] bytes = from(input, 2);
			check.decodes(bytes);
			check.encodes(new String(bytes, charset));
			CodecCheck<byte[]> bytesCheck = new CodecCheck<>(new BytesCodec(framing), ByteBufUtil::hexDump);
			bytesCheck.decodes(bytes);
			bytesCheck.encodes(bytes);
		}
	}

	@FuzzTest(maxDuration = "3m")
	void json(byte[] input) throws Exception {
		if (input.length >= 1) {
			new CodecCheck<>(JSON.get(input[0] & 3), (order) -> order).decodes(from(input, 1));
		}
	}

	private static byte[] from(byte[] input, int begin) {
		return Arrays.copyOfRange(input, begin, input.length);
	}

	/** All of a frame that a layout does not know by itself. */
	record Fields(List<Long> numbers, String body) {
	}

	private record FieldsCodec(FrameLayout layout) implements MessageCodec<Fields> {

		@Override
		public void encode(Fields message, ByteBuf out) {
			int start = out.writerIndex();
			this.layout.begin(out);
			int next = 0;
			for (FrameField field : this.layout.fields().values()) {
				field.set(out, start, message.numbers().get(next++));
			}
			out.writeBytes(ByteBufUtil.decodeHexDump(message.body()));
			this.layout.end(out, start);
		}

		@Override
		public @Nullable Fields decode(ByteBuf in) {
			return decode(in, 0);
		}

		@Override
		public @Nullable Fields decode(ByteBuf in, int examined) {
			int start = in.readerIndex();
			ByteBuf body = this.layout.next(in, examined);
			return (body != null)
					? new Fields(this.layout.fields().values().stream().map((field) -> field.get(in, start)).toList(),
							ByteBufUtil.hexDump(body))
					: null;
		}

	}

	record Order(long id, @Nullable String text, @Nullable List<Integer> at, @Nullable Order next) {
	}

}
