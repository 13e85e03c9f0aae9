package dev.backend.codec;

import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import com.code_intelligence.jazzer.junit.FuzzTest;
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

	/** The largest is more than a test may allocate. */
	private static final List<Integer> BOUNDS = List.of(16, 64, 1 << 20, Integer.MAX_VALUE);

	private static final List<Framing> JSON_FRAMES = List.of(DelimiterFraming.line(), LengthFieldFraming.of(2),
			LengthFieldFraming.of(1).withMaxFrameBytes(32), DelimiterFraming.of("}"));

	private static final List<JsonCodec<Order>> JSON = JSON_FRAMES.stream()
		.map((framing) -> new JsonCodec<>(framing, JsonMapper.shared(), Order.class))
		.toList();

	@FuzzTest(maxDuration = "3m")
	void lengthFields(byte[] input) throws Exception {
		LengthFieldFraming framing = (input.length >= 3) ? lengthField(input[0], input[1], input[2]) : null;
		if (framing != null) {
			byte[] bytes = from(input, 3);
			CodecCheck<byte[]> check = new CodecCheck<>(new BytesCodec(framing), ByteBufUtil::hexDump);
			check.decodes(bytes);
			if (framing.initialBytesToStrip() >= framing.lengthFieldOffset() + framing.lengthFieldLength()) {
				check.encodes(bytes);
			}
		}
	}

	private static @Nullable LengthFieldFraming lengthField(byte field, byte adjustment, byte strip) {
		int length = 1 + (field & 7);
		int offset = (field >> 3) & 3;
		ByteOrder order = ((field & 32) != 0) ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
		try {
			return new LengthFieldFraming(offset, length, adjustment, strip & 15, order, BOUNDS.get((strip >> 4) & 3));
		}
		catch (IllegalArgumentException ex) {
			return null;
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

	record Order(long id, @Nullable String text, @Nullable List<Integer> at, @Nullable Order next) {
	}

}
