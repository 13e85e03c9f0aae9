package dev.backend.codec;

import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LengthFieldFramingTests {

	private static final int MAX = 2000;

	static LongStream seeds() {
		return LongStream.range(0, 100);
	}

	/** Any parameters, with which a body of 0 bytes makes a frame. */
	private static Parameters any(Random random, int length) {
		ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
		return new Parameters(length, random.nextInt(length + 9) - length, order);
	}

	private record Parameters(int length, int adjustment, ByteOrder order) {

		LengthFieldFraming framing() {
			LengthFieldFraming framing = LengthFieldFraming.of(this.length)
				.withAdjustment(this.adjustment)
				.withMaxFrameBytes(MAX);
			return (this.order == ByteOrder.LITTLE_ENDIAN) ? framing.littleEndian() : framing;
		}

		/** A frame with any body; written without our code. */
		byte[] anyFrame(Random random) {
			int least = this.length + Math.max(0, this.adjustment);
			byte[] frame = new byte[least + random.nextInt((this.length == 1) ? 200 : 600)];
			random.nextBytes(frame);
			byte[] value = BigInteger.valueOf(frame.length - this.length - this.adjustment).toByteArray();
			for (int i = 0; i < this.length; i++) {
				int at = (this.order == ByteOrder.LITTLE_ENDIAN) ? i : this.length - 1 - i;
				frame[at] = (i < value.length) ? value[value.length - 1 - i] : 0;
			}
			return frame;
		}

		byte[] body(byte[] frame) {
			return Arrays.copyOfRange(frame, this.length, frame.length);
		}

	}

	@ParameterizedTest
	@MethodSource("seeds")
	void bodiesAreTheSameForAnyFramingAndSplit(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		Parameters parameters = any(random, 1 + random.nextInt(8));
		List<byte[]> bodies = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			bodies.add(parameters.body(parameters.anyFrame(random)));
		}
		ByteStream.assertSameForAnySplit(new BytesCodec(parameters.framing()), bodies, ByteBufUtil::hexDump, random);
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void framesAreDecodedAndEncodedAsThePlainArithmeticSays(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		Parameters parameters = any(random, 1 + random.nextInt(8));
		BytesCodec codec = new BytesCodec(parameters.framing());
		byte[] frame = parameters.anyFrame(random);
		assertThat(ByteStream.decode(codec, frame, () -> 3)).containsExactly(parameters.body(frame));
		assertThat(ByteStream.encode(codec, List.of(parameters.body(frame)))).containsExactly(frame);
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void nettysDecoderFindsTheSameBodies(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		Parameters parameters = any(random, anyLengthThatNettyKnows(random));
		byte[] stream = new byte[0];
		for (int i = 0; i < 20; i++) {
			byte[] frame = parameters.anyFrame(random);
			int end = stream.length;
			stream = Arrays.copyOf(stream, end + frame.length);
			System.arraycopy(frame, 0, stream, end, frame.length);
		}
		List<byte[]> ours = ByteStream.decode(new BytesCodec(parameters.framing()), stream,
				() -> 1 + random.nextInt(300));
		EmbeddedChannel netty = new EmbeddedChannel(new LengthFieldBasedFrameDecoder(parameters.order(), MAX, 0,
				parameters.length(), parameters.adjustment(), parameters.length(), true));
		netty.writeInbound(Unpooled.wrappedBuffer(stream));
		assertThat(ours).hasSize(20).extracting(ByteBufUtil::hexDump).containsExactlyElementsOf(hexDumps(netty));
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void nettysPrependerWritesTheSameFrames(long seed) throws Exception {
		Random random = ByteStream.random(seed);
		int length = anyLengthThatNettyKnows(random);
		boolean included = random.nextBoolean();
		int adjustment = random.nextInt(10);
		ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
		LengthFieldFraming framing = LengthFieldFraming.of(length)
			.withAdjustment(-adjustment - (included ? length : 0));
		framing = (order == ByteOrder.BIG_ENDIAN) ? framing : framing.littleEndian();
		byte[] body = new byte[random.nextInt(230)];
		random.nextBytes(body);
		EmbeddedChannel netty = new EmbeddedChannel(new LengthFieldPrepender(order, length, adjustment, included));
		netty.writeOutbound(Unpooled.wrappedBuffer(body));
		StringBuilder expected = new StringBuilder();
		for (ByteBuf part = netty.readOutbound(); part != null; part = netty.readOutbound()) {
			expected.append(ByteBufUtil.hexDump(part));
			part.release();
		}
		assertThat(ByteBufUtil.hexDump(ByteStream.encode(new BytesCodec(framing), List.of(body))))
			.isEqualTo(expected.toString());
	}

	private static int anyLengthThatNettyKnows(Random random) {
		return List.of(1, 2, 3, 4, 8).get(random.nextInt(5));
	}

	private static List<String> hexDumps(EmbeddedChannel channel) {
		List<String> dumps = new ArrayList<>();
		for (ByteBuf body = channel.readInbound(); body != null; body = channel.readInbound()) {
			dumps.add(ByteBufUtil.hexDump(body));
			body.release();
		}
		channel.finishAndReleaseAll();
		return dumps;
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void theLargestLengthOfAFieldIsAcceptedWhereItFitsTheBound(int length) throws Exception {
		long largest = Math.min(70_000, LengthField.largest(length));
		byte[] body = new byte[(int) largest];
		for (LengthFieldFraming framing : List.of(LengthFieldFraming.of(length),
				LengthFieldFraming.of(length).littleEndian())) {
			byte[] encoded = ByteStream.encode(new BytesCodec(framing), List.of(body));
			assertThat(encoded).hasSize(length + body.length);
			assertThat(ByteStream.decode(new BytesCodec(framing), encoded, () -> encoded.length)).containsExactly(body);
		}
	}

	@Test
	void whenALengthIsOverTheBoundThenItIsRefusedAsSoonAsItHasArrived() {
		LengthFieldFraming framing = LengthFieldFraming.of(4).withMaxFrameBytes(104);
		assertThat(next(framing, "00000064")).isNull();
		assertRefused(framing, "00000065", "length field: 101 (expected: 0 to 100, in a frame of at most 104 bytes)");
		assertRefused(framing, "ffffffff",
				"length field: 4294967295 (expected: 0 to 100, in a frame of at most 104 bytes)");
		assertRefused(framing.littleEndian(), "65000000",
				"length field: 101 (expected: 0 to 100, in a frame of at most 104 bytes)");
		assertRefused(LengthFieldFraming.of(7), "ffffffffffffff",
				"length field: 72057594037927935 (expected: 0 to 1048569, in a frame of at most 1048576 bytes)");
	}

	@Test
	void whenALengthOfEightBytesDoesNotFitAnIntThenItIsRefused() {
		LengthFieldFraming framing = LengthFieldFraming.of(8).withMaxFrameBytes(Integer.MAX_VALUE);
		assertRefused(framing, "0000000080000000",
				"length field: 2147483648 (expected: 0 to 2147483639, in a frame of at most 2147483647 bytes)");
		assertRefused(framing, "0000000100000001",
				"length field: 4294967297 (expected: 0 to 2147483639, in a frame of at most 2147483647 bytes)");
		assertRefused(framing, "7fffffffffffffff",
				"length field: 9223372036854775807 (expected: 0 to 2147483639, in a frame of at most 2147483647 bytes)");
		assertRefused(framing.withAdjustment(100), "7fffffffffffffff",
				"length field: 9223372036854775807 (expected: 0 to 2147483539, in a frame of at most 2147483647 bytes)");
	}

	@Test
	void whenALengthIsNegativeThenItIsRefused() {
		assertRefused(LengthFieldFraming.of(8), "fffffffffffffffb",
				"length field: -5 (expected: 0 to 1048568, in a frame of at most 1048576 bytes)");
		assertRefused(LengthFieldFraming.of(8).withAdjustment(10), "fffffffffffffffb",
				"length field: -5 (expected: 0 to 1048558, in a frame of at most 1048576 bytes)");
	}

	@Test
	void whenTheAdjustmentMakesABodyNegativeThenTheLengthIsRefused() {
		LengthFieldFraming countsItself = LengthFieldFraming.of(2).withAdjustment(-2).withMaxFrameBytes(10);
		assertThat(next(countsItself, "0002")).isEmpty();
		assertRefused(countsItself, "0001", "length field: 1 (expected: 2 to 10, in a frame of at most 10 bytes)");
	}

	@Test
	void whenABodyDoesNotFitThenItIsNotEncoded() {
		assertNotEncoded(LengthFieldFraming.of(1), 300,
				"length field of 1 bytes for a frame of 301: 300 " + "(expected: 0 to 255)");
		assertNotEncoded(LengthFieldFraming.of(1).withAdjustment(-1), 255,
				"length field of 1 bytes for a frame of 256: 256 (expected: 0 to 255)");
		assertNotEncoded(LengthFieldFraming.of(1).withAdjustment(4), 3,
				"length field of 1 bytes for a frame of 4: -1 (expected: 0 to 255)");
		assertNotEncoded(LengthFieldFraming.of(4).withMaxFrameBytes(104), 101,
				"frame of 105 bytes (expected: 4 to 104)");
	}

	@Test
	void whenParametersMakeNoSenseThenTheyAreNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> LengthFieldFraming.of(9))
			.withMessage("lengthFieldLength: 9 (expected: 1 to 8)");
		assertThatIllegalArgumentException().isThrownBy(() -> LengthFieldFraming.of(0))
			.withMessage("lengthFieldLength: 0 (expected: 1 to 8)");
		assertThatIllegalArgumentException().isThrownBy(() -> LengthFieldFraming.of(4).withMaxFrameBytes(3))
			.withMessage("maxFrameBytes: 3 (expected: 4 to 2147483647)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LengthFieldFraming.of(4).withMaxFrameBytes(10).withAdjustment(7))
			.withMessage("lengthAdjustment: 7 (expected: -2147483648 to 6)");
	}

	private static @Nullable String next(Framing framing, String hex) {
		ByteBuf in = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("aa" + hex)).skipBytes(1);
		ByteBuf body = framing.next(in);
		assertThat(in.readerIndex()).isEqualTo((body != null) ? in.writerIndex() : 1);
		return (body != null) ? ByteBufUtil.hexDump(body) : null;
	}

	private static void assertRefused(Framing framing, String hex, String message) {
		assertThatExceptionOfType(CodecException.class).isThrownBy(() -> next(framing, hex)).withMessage(message);
	}

	private static void assertNotEncoded(Framing framing, int bytes, String message) {
		assertThatExceptionOfType(CodecException.class)
			.isThrownBy(() -> ByteStream.encode(new BytesCodec(framing), List.of(new byte[bytes])))
			.withMessage(message);
	}

}
