package dev.backend.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DelimiterFramingTests {

	private static final int MAX = 100_000;

	static LongStream seeds() {
		return LongStream.range(0, 100);
	}

	private static TextCodec codec(Framing framing) {
		return new TextCodec(framing, StandardCharsets.US_ASCII);
	}

	/** Of few letters, so that delimiters and parts of them are frequent. */
	private static String anyText(Random random, String letters, int length) {
		StringBuilder text = new StringBuilder(length);
		for (int i = 0; i < length; i++) {
			text.append(letters.charAt(random.nextInt(letters.length())));
		}
		return text.toString();
	}

	private static List<String> decode(Framing framing, String stream, Random random) throws Exception {
		return ByteStream.decode(codec(framing), stream.getBytes(StandardCharsets.US_ASCII),
				() -> 1 + random.nextInt(40));
	}

	private static List<String> decodeByNetty(ChannelHandler decoder, String stream) {
		EmbeddedChannel channel = new EmbeddedChannel(decoder);
		channel.writeInbound(Unpooled.copiedBuffer(stream, StandardCharsets.US_ASCII));
		List<String> bodies = new ArrayList<>();
		for (ByteBuf body = channel.readInbound(); body != null; body = channel.readInbound()) {
			bodies.add(body.toString(StandardCharsets.US_ASCII));
			body.release();
		}
		channel.finishAndReleaseAll();
		return bodies;
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void nettysDecoderFindsTheSameBodies(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		String delimiter = anyText(random, "ab", 1 + random.nextInt(5));
		String stream = anyText(random, "abc", random.nextInt(1000));
		assertThat(decode(DelimiterFraming.of(delimiter), stream, random)).containsExactlyElementsOf(decodeByNetty(
				new DelimiterBasedFrameDecoder(MAX, Unpooled.copiedBuffer(delimiter, StandardCharsets.US_ASCII)),
				stream));
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void nettysLineDecoderFindsTheSameLines(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		String stream = anyText(random, "a\r\n", random.nextInt(1000));
		List<String> expected = decodeByNetty(new LineBasedFrameDecoder(MAX), stream);
		assertThat(decode(DelimiterFraming.line(), stream, random)).containsExactlyElementsOf(expected);
		assertThat(decode(DelimiterFraming.crlfLine(), stream, random)).containsExactlyElementsOf(expected);
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void aBodyIsEitherRefusedOrTheSameForAnySplit(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		String delimiter = anyText(random, "ab", 1 + random.nextInt(4));
		DelimiterFraming framing = DelimiterFraming.of(delimiter);
		List<String> bodies = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			String body = anyText(random, "abcd", random.nextInt(12));
			if ((body + delimiter).indexOf(delimiter) == body.length()) {
				bodies.add(body);
			}
			else {
				assertThatExceptionOfType(CodecException.class)
					.isThrownBy(() -> ByteStream.encode(codec(framing), List.of(body)))
					.withMessageStartingWith("delimiter at byte ");
			}
		}
		ByteStream.assertSameForAnySplit(codec(framing), bodies, (body) -> body, random);
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void aLineIsEitherRefusedOrTheSameForAnySplit(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		DelimiterFraming line = DelimiterFraming.line();
		for (DelimiterFraming framing : List.of(line, DelimiterFraming.crlfLine())) {
			List<String> lines = new ArrayList<>();
			for (int i = 0; i < 50; i++) {
				String text = anyText(random, "abcdefg\r", random.nextInt(30));
				// What a reader of \n alone would keep, one of \r\n would lose.
				if (framing == line && text.endsWith("\r")) {
					assertThatExceptionOfType(CodecException.class)
						.isThrownBy(() -> ByteStream.encode(codec(framing), List.of(text)))
						.withMessageContaining("ends with \\r");
				}
				else {
					lines.add(text);
				}
			}
			ByteStream.assertSameForAnySplit(codec(framing), lines, (text) -> text, random);
		}
	}

	@Test
	void whatIsWrittenEndsWithTheDelimiter() throws Exception {
		assertThat(ByteStream.encode(codec(DelimiterFraming.line()), List.of("a", ""))).asString().isEqualTo("a\n\n");
		assertThat(ByteStream.encode(codec(DelimiterFraming.crlfLine()), List.of("a", ""))).asString()
			.isEqualTo("a\r\n\r\n");
		assertThat(ByteStream.encode(codec(DelimiterFraming.of((byte) 0)), List.of("a", ""))).containsExactly('a', 0,
				0);
	}

	@Test
	void whenABodyContainsTheDelimiterThenItIsNotEncoded() {
		assertNotEncoded(DelimiterFraming.line(), "one\ntwo", "delimiter at byte 3 of a body of 7 (expected: none)");
		assertNotEncoded(DelimiterFraming.of("||"), "one|", "delimiter at byte 3 of a body of 4 (expected: none)");
	}

	@Test
	void whenAFrameIsOverTheBoundThenItIsRefusedEitherWayAndInAnySplit() throws Exception {
		DelimiterFraming framing = DelimiterFraming.of("||").withMaxFrameBytes(10);
		assertNotEncoded(framing, "123456789", "frame of 11 bytes (expected: at most 10)");
		assertThat(ByteStream.encode(codec(framing), List.of("12345678"))).hasSize(10);
		for (int piece = 1; piece < 30; piece++) {
			int size = piece;
			byte[] fits = "12345678||12345678||12345678|".getBytes(StandardCharsets.US_ASCII);
			assertThat(ByteStream.decode(codec(framing), fits, () -> size)).containsExactly("12345678", "12345678");
			byte[] tooLong = "12345678||123456789||".getBytes(StandardCharsets.US_ASCII);
			assertThatExceptionOfType(CodecException.class)
				.isThrownBy(() -> ByteStream.decode(codec(framing), tooLong, () -> size))
				.withMessageMatching("no delimiter in 1[01] bytes \\(expected: frames of at most 10\\)");
		}
	}

	@Test
	void whenTheBoundIsReachedWithoutADelimiterThenNothingMoreIsAwaited() {
		DelimiterFraming framing = DelimiterFraming.line().withMaxFrameBytes(4);
		assertThat(framing.next(Unpooled.copiedBuffer("123", StandardCharsets.US_ASCII))).isNull();
		assertThatExceptionOfType(CodecException.class)
			.isThrownBy(() -> framing.next(Unpooled.copiedBuffer("1234", StandardCharsets.US_ASCII)))
			.withMessage("no delimiter in 4 bytes (expected: frames of at most 4)");
	}

	@Test
	void whenParametersMakeNoSenseThenTheyAreNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> DelimiterFraming.of(""))
			.withMessage("delimiter: 0 bytes (expected: at least 1)");
		assertThatIllegalArgumentException().isThrownBy(() -> DelimiterFraming.crlfLine().withMaxFrameBytes(1))
			.withMessage("maxFrameBytes: 1 (expected: at least 2)");
	}

	private static void assertNotEncoded(Framing framing, String body, String message) {
		assertThatExceptionOfType(CodecException.class)
			.isThrownBy(() -> ByteStream.encode(codec(framing), List.of(body)))
			.withMessage(message);
	}

}
