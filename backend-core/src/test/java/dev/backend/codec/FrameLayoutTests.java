package dev.backend.codec;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.zip.CRC32;

import dev.backend.codec.FrameLayout.Builder;
import dev.backend.codec.FrameLayout.Counted;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class FrameLayoutTests {

	private static final Escaping SLIP = Escaping.by(0xDB).replacing(0xC0, 0xDC).replacing(0xDB, 0xDD);

	private static final Escaping HDLC = Escaping.by(0x7D).xor(0x20, 0x7E, 0x7D);

	static LongStream seeds() {
		return LongStream.range(0, 100);
	}

	/** Any layout of what there is. */
	private static FrameLayout any(Random random) {
		Builder builder = FrameLayout.builder();
		boolean length = random.nextBoolean();
		if (random.nextBoolean()) {
			builder.start(0x02, 0x7E);
		}
		anyFields(builder, random, "before");
		if (length) {
			builder.length(anyLength(random), Counted.values()[random.nextInt(3)], -random.nextInt(4));
		}
		anyFields(builder, random, "behind");
		builder.body();
		if (random.nextInt(3) == 0) {
			// Not 3, which would be an end.
			builder.checksum(FieldFormat.hex(4), Checksum.sum(), Checksum.Covered.BODY);
		}
		if (!length && random.nextBoolean()) {
			return builder.end(0x7E).escaping(HDLC).build();
		}
		if (!length || random.nextBoolean()) {
			builder.end(0x03, 0x7E);
		}
		if (random.nextBoolean()) {
			builder.checksum(1 + random.nextInt(8), Checksum.of(CRC32::new));
		}
		return builder.build();
	}

	private static void anyFields(Builder builder, Random random, String name) {
		if (random.nextBoolean()) {
			builder.constant("v1");
		}
		for (int i = random.nextInt(3); i > 0; i--) {
			builder.field(name + i, random.nextBoolean() ? FieldFormat.littleEndian(1 + random.nextInt(8))
					: FieldFormat.decimal(1 + random.nextInt(8)));
		}
		if (random.nextInt(4) == 0) {
			// Others may cover it: not BEHIND.
			builder.checksum(FieldFormat.bigEndian(2), Checksum.xor(), Checksum.Covered.values()[random.nextInt(3)]);
		}
	}

	private static FieldFormat anyLength(Random random) {
		return switch (random.nextInt(5)) {
			case 0 -> FieldFormat.bigEndian(2 + random.nextInt(7));
			case 1 -> FieldFormat.littleEndian(2 + random.nextInt(7));
			case 2 -> FieldFormat.varint(2 + random.nextInt(8));
			case 3 -> FieldFormat.decimal(4 + random.nextInt(5));
			default -> FieldFormat.decimalUntil(' ', 4 + random.nextInt(5));
		};
	}

	/** The numbers of all fields of a header, and the body. */
	private record Content(List<Long> numbers, String body) {
	}

	private record ContentCodec(FrameLayout layout) implements MessageCodec<Content> {

		@Override
		public void encode(Content content, ByteBuf out) {
			int start = out.writerIndex();
			this.layout.begin(out);
			List<FrameField> fields = List.copyOf(this.layout.fields().values());
			for (int i = 0; i < fields.size(); i++) {
				fields.get(i).set(out, start, content.numbers().get(i));
			}
			out.writeBytes(ByteBufUtil.decodeHexDump(content.body()));
			this.layout.end(out, start);
		}

		@Override
		public @Nullable Content decode(ByteBuf in) {
			return decode(in, 0);
		}

		@Override
		public @Nullable Content decode(ByteBuf in, int examined) {
			int start = in.readerIndex();
			ByteBuf body = this.layout.next(in, examined);
			return (body != null)
					? new Content(this.layout.fields().values().stream().map((field) -> field.get(in, start)).toList(),
							ByteBufUtil.hexDump(body))
					: null;
		}

	}

	@ParameterizedTest
	@MethodSource("seeds")
	void fieldsAndBodiesAreTheSameForAnyLayoutAndSplit(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		FrameLayout layout = any(random);
		ContentCodec codec = new ContentCodec(layout);
		List<Content> contents = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			byte[] body = new byte[random.nextInt(300)];
			random.nextBytes(body);
			List<Long> numbers = layout.fields()
				.values()
				.stream()
				.map((field) -> random.nextLong() & field.largest())
				.map((number) -> number % 10)
				.toList();
			Content content = new Content(numbers, ByteBufUtil.hexDump(body));
			if (isEncoded(codec, content)) {
				contents.add(content);
			}
		}
		assertThat(contents).as(layout.toString()).hasSizeGreaterThan(5);
		ByteStream.assertSameForAnySplit(codec, contents, (content) -> content, random);
	}

	/** Not if a body happens to contain the end. */
	private static boolean isEncoded(ContentCodec codec, Content content) throws Exception {
		try {
			ByteStream.encode(codec, List.of(content));
			return true;
		}
		catch (CodecException ex) {
			assertThat(ex).hasMessageStartingWith("delimiter at byte ");
			return false;
		}
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void nettysDecoderFindsTheSameBodiesBehindAHeader(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		int before = 1 + random.nextInt(8);
		int length = List.of(2, 3, 4, 8).get(random.nextInt(4));
		int behind = 1 + random.nextInt(8);
		int adjustment = -random.nextInt(before + length + behind);
		ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
		FrameLayout layout = FrameLayout.builder()
			.field("before", before)
			.length((order == ByteOrder.BIG_ENDIAN) ? FieldFormat.bigEndian(length) : FieldFormat.littleEndian(length),
					Counted.FOLLOWING, adjustment)
			.field("behind", behind)
			.body()
			.build();
		List<String> bodies = new ArrayList<>();
		List<Content> contents = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			byte[] body = new byte[random.nextInt(300)];
			random.nextBytes(body);
			bodies.add(ByteBufUtil.hexDump(body));
			contents.add(new Content(List.of(random.nextLong(100), random.nextLong(100)), ByteBufUtil.hexDump(body)));
		}
		EmbeddedChannel netty = new EmbeddedChannel(new LengthFieldBasedFrameDecoder(order, 2000, before, length,
				adjustment, before + length + behind, true));
		netty.writeInbound(Unpooled.wrappedBuffer(ByteStream.encode(new ContentCodec(layout), contents)));
		List<String> theirs = new ArrayList<>();
		for (ByteBuf body = netty.readInbound(); body != null; body = netty.readInbound()) {
			theirs.add(ByteBufUtil.hexDump(body));
			body.release();
		}
		netty.finishAndReleaseAll();
		assertThat(theirs).containsExactlyElementsOf(bodies);
	}

	@Test
	void layoutsOfKnownProtocolsWriteWhatTheirSpecificationsSay() throws Exception {
		assertWritten(FrameLayout.builder().length(FieldFormat.varint(5), Counted.BODY).body(), "aa".repeat(300),
				"ac02" + "aa".repeat(300));
		assertWritten(FrameLayout.builder().length(FieldFormat.varint(5), Counted.BODY).body(), "", "00");
		assertWritten(FrameLayout.builder().length(FieldFormat.decimalUntil(':', 7), Counted.BODY).body().end(","),
				hex("hello world!"), hex("12:hello world!,"));
		assertWritten(FrameLayout.builder().length(FieldFormat.decimal(4), Counted.BODY).body(), hex("0800"),
				hex("00040800"));
		assertWritten(FrameLayout.builder().start(2).body().end(3).checksum(1, Checksum.xor()), hex("AB"),
				"02414203" + "00");
		assertWritten(FrameLayout.builder().start(0x0B).body().end(0x1C, 0x0D), hex("MSH|"), "0b4d53487c1c0d");
		assertWritten(FrameLayout.builder().start(0xC0).body().end(0xC0).escaping(SLIP), "01c0db02",
				"c001dbdcdbdd02c0");
		assertWritten(FrameLayout.builder().start(0x7E).body().end(0x7E).escaping(HDLC), "7e007d", "7e7d5e007d5d7e");
		assertWritten(
				FrameLayout.builder()
					.start('$')
					.body()
					.constant("*")
					.checksum(FieldFormat.hex(2), Checksum.xor(), Checksum.Covered.BODY)
					.end("\r\n"),
				hex("GPGLL,5300.97914,N,00259.98174,E,125926,A"),
				hex("$GPGLL,5300.97914,N,00259.98174,E,125926,A*28\r\n"));
		assertWritten(FrameLayout.builder().constant("v1").length(2, Counted.FRAME).type(1).id(2).body().end(0xCE),
				"aa", hex("v1") + "0009" + "00" + "0000" + "aa" + "ce");
	}

	private static void assertWritten(Builder builder, String body, String frame) throws Exception {
		FrameLayout layout = builder.build();
		BytesCodec codec = new BytesCodec(layout);
		byte[] written = ByteStream.encode(codec, List.of(ByteBufUtil.decodeHexDump(body)));
		assertThat(ByteBufUtil.hexDump(written)).as(layout.toString()).isEqualTo(frame);
		for (int piece = 1; piece <= written.length; piece++) {
			int size = piece;
			assertThat(ByteStream.decode(codec, written, () -> size)).extracting(ByteBufUtil::hexDump)
				.containsExactly(body);
		}
	}

	private static String hex(String text) {
		return ByteBufUtil.hexDump(text.getBytes(StandardCharsets.US_ASCII));
	}

	@Test
	void aLengthInTheMiddleOfTheHeaderOverwritesNothingThatTheCodecWrote() throws Exception {
		FrameLayout layout = FrameLayout.builder().type(2).length(4, Counted.BODY).body().build();
		BytesCodec codec = new BytesCodec(layout);
		byte[] written = ByteStream.encode(codec, List.of(new byte[] { 1, 2, 3, 4, 5, 6, 7 }));
		assertThat(written).containsExactly(0, 0, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7);
	}

	@Test
	void whatStandsBeforeAFrameIsLeftAloneAlsoWhereTheHeaderShrinks() throws Exception {
		FrameLayout layout = FrameLayout.builder().length(FieldFormat.varint(5), Counted.BODY).body().build();
		FrameLayout escaped = FrameLayout.builder().body().end(0xC0).escaping(SLIP).build();
		ByteBuf out = Unpooled.buffer().writeByte(9);
		for (FrameLayout each : List.of(layout, escaped, layout)) {
			new BytesCodec(each).encode(new byte[] { (byte) 0xC0, 1 }, out);
		}
		assertThat(ByteBufUtil.hexDump(out)).isEqualTo("09" + "02c001" + "dbdc01c0" + "02c001");
	}

	@ParameterizedTest
	@CsvSource({ "126, 1", "127, 2", "128, 2", "16380, 2", "16381, 2", "16382, 3", "16384, 3" })
	void aLengthThatCountsItselfIsAsShortAsItCanBe(int body, int bytes) throws Exception {
		FrameLayout layout = FrameLayout.builder().length(FieldFormat.varint(5), Counted.FRAME).body().build();
		byte[] written = ByteStream.encode(new BytesCodec(layout), List.of(new byte[body]));
		assertThat(written).hasSize(body + bytes);
		assertThat(ByteStream.decode(new BytesCodec(layout), written, () -> written.length))
			.containsExactly(new byte[body]);
	}

	@Test
	void whatViolatesTheLayoutIsRefusedAsSoonAsItHasArrived() {
		assertRefused(FrameLayout.builder().constant("GET").length(2).body(), hex("GE") + "00",
				"byte 0x00, 2 of a constant (expected: 0x54)");
		assertRefused(FrameLayout.builder().length(2).constant("v").type(4).body(), "0009" + hex("w"),
				"byte 0x77, 0 of a constant (expected: 0x76)");
		assertRefused(FrameLayout.builder().length(FieldFormat.varint(4), Counted.BODY).body(), "80808080",
				"varint of more than 4 bytes (expected: at most 4)");
		assertRefused(FrameLayout.builder().length(FieldFormat.varint(5), Counted.BODY).body(), "ffffffff7f",
				"length field: 34359738367 (expected: 0 to 1048571, in a frame of at most 1048576 bytes)");
		assertRefused(FrameLayout.builder().length(FieldFormat.decimal(4), Counted.BODY).body(), hex("1x"),
				"digit: 0x78 (expected: 0 to 9)");
		assertRefused(FrameLayout.builder().length(FieldFormat.decimalUntil(':', 3), Counted.BODY).body(), hex(":"),
				"byte 0x3a behind 0 digits (expected: 1 to 3 digits and 0x3a)");
		assertRefused(FrameLayout.builder().length(FieldFormat.decimalUntil(':', 3), Counted.BODY).body(), hex("1234"),
				"byte 0x34 behind 3 digits (expected: 1 to 3 digits and 0x3a)");
		assertRefused(FrameLayout.builder().start(2).body().end(3), "03",
				"byte 0x03, 0 of a constant (expected: 0x02)");
		assertRefused(FrameLayout.builder().body().end(0xC0).escaping(SLIP), "01db02",
				"byte 0x02 behind the escape byte 0xdb (expected: a code)");
		assertRefused(FrameLayout.builder().body().end(0xC0).escaping(SLIP), "01dbc0",
				"byte 0xc0 behind the escape byte 0xdb (expected: a code)");
		assertRefused(FrameLayout.builder().id(4).body().end(0xC0).escaping(SLIP), "01dbdcc0",
				"frame of 3 bytes, unescaped (expected: at least 5)");
		assertRefused(FrameLayout.builder().start(2).body().end(3).maxFrameBytes(6), "020000000000",
				"no delimiter in 6 bytes (expected: frames of at most 6)");
		assertRefused(FrameLayout.builder().start(2).body().end(3).checksum(1, Checksum.xor()).maxFrameBytes(6),
				"0200000000", "no delimiter in 5 bytes (expected: frames of at most 6)");
		assertRefused(FrameLayout.builder().start(2).body().end(3).checksum(1, Checksum.xor()), "0241420301",
				"checksum: 0x1 (expected: 0x0)");
		assertRefused(FrameLayout.builder()
			.length(2)
			.checksum(FieldFormat.bigEndian(1), Checksum.xor(), Checksum.Covered.BEFORE)
			.body(), "010502", "checksum: 0x2 (expected: 0x4)");
		assertRefused(FrameLayout.builder().length(1, Counted.BODY).body().end(3), "01aa04",
				"byte 0x04, 0 of a constant (expected: 0x03)");
	}

	/** Refused by the last byte, and not before. */
	private static void assertRefused(Builder builder, String hex, String message) {
		FrameLayout layout = builder.build();
		byte[] bytes = ByteBufUtil.decodeHexDump(hex);
		ByteBuf before = Unpooled.wrappedBuffer(bytes, 0, bytes.length - 1);
		assertThat(layout.next(before)).isNull();
		assertThat(before.readableBytes()).isEqualTo(bytes.length - 1);
		assertThatExceptionOfType(CodecException.class).isThrownBy(() -> layout.next(Unpooled.copiedBuffer(bytes)))
			.withMessage(message);
		assertThatExceptionOfType(CodecException.class)
			.isThrownBy(() -> layout.next(Unpooled.copiedBuffer(bytes), bytes.length - 1))
			.withMessage(message);
	}

	@Test
	void checksumsThatCoverAllBehindThemCoverOneAnother() throws Exception {
		assertWritten(
				FrameLayout.builder()
					.checksum(FieldFormat.bigEndian(1), Checksum.sum(), Checksum.Covered.BEHIND)
					.length(1)
					.checksum(FieldFormat.bigEndian(1), Checksum.sum(), Checksum.Covered.BEHIND)
					.body()
					.checksum(FieldFormat.bigEndian(1), Checksum.sum(), Checksum.Covered.BODY),
				"0102", "1004" + "06" + "010203");
	}

	@Test
	void whatDoesNotFitIsNotEncoded() {
		assertNotEncoded(FrameLayout.builder().length(FieldFormat.varint(1), Counted.BODY).body(), new byte[128],
				"length field of 1 bytes for a frame of 129: 128 (expected: 0 to 127)");
		assertNotEncoded(FrameLayout.builder().length(FieldFormat.decimal(2), Counted.BODY).body(), new byte[100],
				"length field of 2 bytes for a frame of 102: 100 (expected: 0 to 99)");
		assertNotEncoded(FrameLayout.builder().start(2).body().end(3), new byte[] { 1, 3 },
				"delimiter at byte 1 of a body of 2 (expected: none)");
		assertNotEncoded(FrameLayout.builder().body().end(0xC0).escaping(SLIP).maxFrameBytes(4),
				new byte[] { (byte) 0xDB, (byte) 0xDB }, "frame of 5 bytes (expected: at most 4)");
		FrameField type = FrameLayout.builder().type(2).length(2).body().build().field("type");
		assertThatExceptionOfType(CodecException.class)
			.isThrownBy(() -> type.set(Unpooled.buffer().writeZero(4), 0, 65_536))
			.withMessage("type: 65536 (expected: 0 to 65535)");
		assertThatExceptionOfType(CodecException.class)
			.isThrownBy(() -> type.set(Unpooled.buffer().writeZero(4), 0, -1))
			.withMessage("type: -1 (expected: 0 to 65535)");
	}

	private static void assertNotEncoded(Builder builder, byte[] body, String message) {
		FrameLayout layout = builder.build();
		assertThatExceptionOfType(CodecException.class)
			.isThrownBy(() -> ByteStream.encode(new BytesCodec(layout), List.of(body)))
			.withMessage(message);
	}

	@Test
	void whenPartsMakeNoFrameThenTheyAreNamed() {
		assertNotBuilt(FrameLayout.builder().type(2).body(),
				"layout: type:2, body (expected: with a length, or an end)");
		assertNotBuilt(FrameLayout.builder().length(2), "layout: [length:2] (expected: with a body)");
		assertNotBuilt(FrameLayout.builder().length(2).body().escaping(SLIP),
				"escaping: [length:2, body] (expected: without a length)");
		assertNotBuilt(FrameLayout.builder().body().end(3).escaping(SLIP),
				"escaping: Escaping[0xdb] (expected: one that replaces the first end byte, and does not have it as a code)");
		assertNotBuilt(FrameLayout.builder().body().end(0xC0).escaping(Escaping.by(0xDB).replacing(0xC0, 1)),
				"escaping: Escaping[0xdb] (expected: one that replaces the escape byte)");
		assertNotBuilt(FrameLayout.builder().body().end(0xC0).checksum(1, Checksum.xor()).escaping(SLIP),
				"escaping: [body, end:1, checksum:1] (expected: with the end as the last part)");
		assertNotBuilt(
				FrameLayout.builder()
					.length(2)
					.checksum(FieldFormat.bigEndian(1), Checksum.sum(), Checksum.Covered.BEHIND)
					.body()
					.checksum(1, Checksum.sum()),
				"checksum: [length:2, checksum:1, body, checksum:1] (expected: none that covers another that covers it)");
		assertNotBuilt(FrameLayout.builder().length(4).id(4).body().maxFrameBytes(7),
				"maxFrameBytes: 7 (expected: 8 to 2147483647)");
		assertThatIllegalArgumentException().isThrownBy(() -> FrameLayout.builder().type(2).type(4))
			.withMessage("field: type (expected: another name than [type])");
		assertThatIllegalArgumentException().isThrownBy(() -> FrameLayout.builder().type(2).start(2))
			.withMessage("start: [type:2] (expected: the first part)");
		assertThatIllegalArgumentException().isThrownBy(() -> FrameLayout.builder().type(FieldFormat.varint(5)))
			.withMessage("type: [] (expected: a fixed size)");
		assertThatIllegalArgumentException().isThrownBy(() -> FrameLayout.builder().body().id(2))
			.withMessage("id: [body] (expected: before the body)");
		assertThatIllegalArgumentException().isThrownBy(() -> FrameLayout.builder().constant(256))
			.withMessage("constant: 256 (expected: 0 to 255)");
		assertThatIllegalArgumentException().isThrownBy(() -> FrameLayout.builder().constant(""))
			.withMessage("constant: 0 bytes (expected: at least 1)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> FrameLayout.builder().type(2).length(2).body().build().field("id"))
			.withMessage("field: id (expected: one of [type])");
		assertThat(FrameLayout.builder().length(2).id(4).body().build())
			.hasToString("FrameLayout[length:2, id:4, body, maxFrameBytes=1048576]");
	}

	private static void assertNotBuilt(Builder builder, String message) {
		assertThatIllegalArgumentException().isThrownBy(builder::build).withMessage(message);
	}

}
