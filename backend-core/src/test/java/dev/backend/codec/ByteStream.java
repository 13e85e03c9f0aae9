package dev.backend.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.IntSupplier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The bytes of a connection, which arrive in pieces: each piece is added to what is left
 * of the ones before, as a connection does, and decoded as far as it goes.
 */
public final class ByteStream {

	/**
	 * Buffers that are not tracked: that none is kept is checked here, and byte by byte.
	 */
	private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

	private ByteStream() {
	}

	/**
	 * Random numbers whose first ones differ, too: those of {@link Random} hardly do
	 * where the seeds are small.
	 */
	static Random random(long seed) {
		return new Random(new SplittableRandom(seed).nextLong());
	}

	/** The bytes that a codec makes of messages, one after another in one buffer. */
	public static <M> byte[] encode(MessageCodec<M> codec, List<M> messages) throws Exception {
		ByteBuf out = ALLOCATOR.directBuffer(16);
		try {
			for (M message : messages) {
				codec.encode(message, out);
			}
			return ByteBufUtil.getBytes(out);
		}
		finally {
			out.release();
		}
	}

	/** Decodes bytes that arrive in pieces; the end may be half a frame. */
	public static <M> List<M> decode(MessageCodec<M> codec, byte[] bytes, IntSupplier pieceSizes) throws Exception {
		List<M> messages = new ArrayList<>();
		ByteBuf left = ALLOCATOR.directBuffer(0);
		int examined = 0;
		try {
			for (int from = 0; from < bytes.length;) {
				int piece = Math.min(pieceSizes.getAsInt(), bytes.length - from);
				ByteBuf arrived = ALLOCATOR.buffer(piece).writeBytes(bytes, from, piece);
				left = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ALLOCATOR, left, arrived);
				examined = decodeAll(codec, left, examined, messages);
				left.discardSomeReadBytes();
				from += piece;
			}
			return messages;
		}
		finally {
			assertThat(left.refCnt()).isOne();
			left.release();
		}
	}

	/** Returns how many bytes of the next message are there. */
	private static <M> int decodeAll(MessageCodec<M> codec, ByteBuf in, int examined, List<M> messages)
			throws Exception {
		int seen = examined;
		while (in.isReadable()) {
			int before = in.readableBytes();
			M message = codec.decode(in, seen);
			seen = 0;
			if (in.readableBytes() == before) {
				assertThat(message).as("message of no bytes").isNull();
				return before;
			}
			if (message != null) {
				messages.add(message);
			}
		}
		return 0;
	}

	/** Messages are the same, however their bytes are split. */
	public static <M> void assertSameForAnySplit(MessageCodec<M> codec, List<M> messages, Function<M, Object> view,
			Random random) throws Exception {
		byte[] bytes = encode(codec, messages);
		List<Object> expected = messages.stream().map(view).toList();
		List<IntSupplier> splits = List.of(() -> bytes.length, () -> 1, () -> 1 + random.nextInt(7),
				() -> 1 + random.nextInt(200));
		for (IntSupplier split : splits) {
			assertThat(decode(codec, bytes, split)).extracting(view).containsExactlyElementsOf(expected);
		}
		if (bytes.length > 0) {
			byte[] cut = Arrays.copyOf(bytes, bytes.length - 1);
			assertThat(decode(codec, cut, splits.get(3))).extracting(view)
				.containsExactlyElementsOf(expected.subList(0, expected.size() - 1));
		}
	}

}
