package dev.backend.protocol;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

import dev.backend.codec.ByteStream;
import dev.backend.codec.CodecException;
import dev.backend.test.CountingBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link RespCodec} keeps its place.
 */
class RespCodecTests {

	private static final int ITEMS = 60_000;

	@ParameterizedTest
	@ValueSource(ints = { 1460, 7, 1 })
	void aLargeNestedReplyInPiecesTakesNoMoreLooksThanInOneRead(int piece) {
		for (byte[] reply : List.of(flat(), nested(),
				"+%s\r\n".formatted("x".repeat(800_000)).getBytes(StandardCharsets.US_ASCII),
				"$800000\r\n%s\r\n".formatted("x".repeat(800_000)).getBytes(StandardCharsets.US_ASCII))) {
			long whole = looks(reply, reply.length);
			assertThat(looks(reply, piece)).isLessThanOrEqualTo(whole * 3 / 2);
		}
	}

	/** As a connection does: what is not consumed is given again, with more. */
	private static long looks(byte[] reply, int piece) {
		RespCodec codec = new RespCodec();
		CountingBuffer in = new CountingBuffer();
		Resp message = null;
		int examined = 0;
		for (int from = 0; from < reply.length; from += piece) {
			assertThat(message).isNull();
			in.writeBytes(reply, from, Math.min(piece, reply.length - from));
			message = (examined == 0) ? codec.decode(in) : codec.decode(in, examined);
			examined = in.readableBytes();
		}
		assertThat(message).isEqualTo(new RespCodec().decode(Unpooled.wrappedBuffer(reply)));
		assertThat(in.isReadable()).isFalse();
		return in.takeExamined();
	}

	private static byte[] flat() {
		return ("*" + ITEMS + "\r\n" + "$8\r\n12345678\r\n".repeat(ITEMS)).getBytes(StandardCharsets.US_ASCII);
	}

	private static byte[] nested() {
		return ("*" + ITEMS / 10 + "\r\n"
				+ "%5\r\n+k\r\n*2\r\n:1\r\n$1\r\na\r\n".concat("+k\r\n#t\r\n".repeat(4)).repeat(ITEMS / 10))
			.getBytes(StandardCharsets.US_ASCII);
	}

	@Test
	void valuesOfEveryKindAreTheSameForAnySplit() throws Exception {
		byte[] stream = ("+OK\r\n:5\r\n$-1\r\n_\r\n#t\r\n,1.5\r\n(12345678901234567890\r\n$0\r\n\r\n-ERR no\r\n*0\r\n*-1\r\n"
				+ "=7\r\ntxt:a\r\n\r\n!3\r\nERR\r\n%1\r\n+a\r\n~2\r\n:1\r\n:2\r\n"
				+ "|1\r\n+ttl\r\n:5\r\n*3\r\n$4\r\na\r\nb\r\n|1\r\n+ttl\r\n*1\r\n:5\r\n*1\r\n:1\r\n$-1\r\n"
				+ ">3\r\n+message\r\n+news\r\n$2\r\nhi\r\n+END\r\n")
			.getBytes(StandardCharsets.US_ASCII);
		List<Resp> whole = ByteStream.decode(new RespCodec(), stream, () -> stream.length);
		assertThat(whole).hasSize(17);
		assertThat(whole.get(14).items()).extracting(Resp::type).containsExactly('$', '*', '$');
		assertThat(whole).filteredOn(new RespCodec()::isPush).containsExactly(whole.get(15));
		for (int piece = 1; piece < stream.length; piece++) {
			int size = piece;
			assertThat(ByteStream.decode(new RespCodec(), stream, () -> size)).isEqualTo(whole);
		}
		Random random = new Random(7);
		assertThat(ByteStream.decode(new RespCodec(), stream, () -> 1 + random.nextInt(9))).isEqualTo(whole);
	}

	@Test
	void sizesThatAPeerClaimsTakeNoMemoryAndDepthHasABound() {
		RespCodec codec = new RespCodec();
		assertThat(codec.decode(ascii("*2147483647\r\n*2147483647\r\n%2147483647\r\n$2147483647\r\nx"))).isNull();
		assertThatExceptionOfType(CodecException.class)
			.isThrownBy(() -> new RespCodec().decode(ascii("*1\r\n".repeat(100_000))))
			.withMessage("arrays within arrays: more than 64");
		assertThatExceptionOfType(CodecException.class).isThrownBy(() -> new RespCodec().decode(ascii("x\r\n")))
			.withMessageStartingWith("type: x ");
	}

	private static ByteBuf ascii(String text) {
		return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
	}

}
