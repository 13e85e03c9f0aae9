package dev.backend.codec;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.function.IntSupplier;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a codec must do with any bytes and any messages.
 *
 * @param <M> the type of the messages
 */
final class CodecCheck<M> {

	/** Not tracked: that none is kept is checked here. */
	private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	/** What anything takes, and each byte: the buffers and objects of a JSON parser. */
	private static final int ALLOCATED = 1 << 20;

	private static final int ALLOCATED_PER_BYTE = 8 * 1024;

	private final MessageCodec<M> codec;

	private final Function<M, Object> view;

	/**
	 * Creates the check.
	 * @param codec the codec
	 * @param view what of a message has an {@code equals}
	 */
	CodecCheck(MessageCodec<M> codec, Function<M, Object> view) {
		this.codec = codec;
		this.view = view;
	}

	/**
	 * Arrived bytes give the same in any pieces, at most a refusal, and cost no more than
	 * there are; each message can be sent again.
	 */
	void decodes(byte[] bytes) throws Exception {
		Random random = new Random(Arrays.hashCode(bytes));
		Outcome whole = decode(bytes, () -> bytes.length, true);
		assertThat(decode(bytes, () -> 1, true)).as("byte by byte").isEqualTo(whole);
		assertThat(decode(bytes, () -> 1, false)).as("byte by byte, not told of earlier ones").isEqualTo(whole);
		assertThat(decode(bytes, () -> 1 + random.nextInt(9), true)).as("in pieces").isEqualTo(whole);
		long before = THREADS.getCurrentThreadAllocatedBytes();
		decode(bytes, () -> bytes.length, true);
		assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).as("allocated")
			.isLessThan(ALLOCATED + (long) ALLOCATED_PER_BYTE * bytes.length);
		for (M message : whole.messages) {
			encodes(message);
		}
	}

	/** A message is refused, or comes back as it was. */
	void encodes(M message) throws Exception {
		byte[] bytes = encode(message);
		if (bytes == null) {
			return;
		}
		Outcome decoded = decode(bytes, () -> bytes.length, true);
		assertThat(decoded.views()).containsExactly(this.view.apply(message));
		assertThat(decoded.refused).isFalse();
		assertThat(decoded.left).isZero();
	}

	private byte @Nullable [] encode(M message) throws Exception {
		ByteBuf out = ALLOCATOR.buffer(8);
		try {
			out.writeByte('x');
			this.codec.encode(message, out);
			assertThat(out.readByte()).as("what stands before").isEqualTo((byte) 'x');
			return ByteBufUtil.getBytes(out);
		}
		catch (CodecException | JacksonException ex) {
			return null;
		}
		finally {
			out.release();
		}
	}

	private Outcome decode(byte[] bytes, IntSupplier pieces, boolean told) throws Exception {
		Outcome outcome = new Outcome(new ArrayList<>());
		ByteBuf in = ALLOCATOR.buffer(8);
		try {
			int from = 0;
			while (from < bytes.length) {
				int piece = Math.min(pieces.getAsInt(), bytes.length - from);
				in.writeBytes(bytes, from, piece);
				from += piece;
				decodeAll(in, outcome, told);
				in.discardSomeReadBytes();
			}
		}
		catch (CodecException | JacksonException ex) {
			outcome.refused = true;
		}
		finally {
			assertThat(in.refCnt()).isOne();
			assertThat(in.capacity()).as("capacity").isLessThanOrEqualTo(Math.max(64, 2 * bytes.length));
			outcome.left = outcome.refused ? 0 : in.readableBytes();
			in.release();
		}
		return outcome;
	}

	/** As a connection does. */
	private void decodeAll(ByteBuf in, Outcome outcome, boolean told) throws Exception {
		while (in.isReadable()) {
			int start = in.readerIndex();
			int end = in.writerIndex();
			M message = told ? this.codec.decode(in, outcome.left) : this.codec.decode(in);
			assertThat(in.writerIndex()).isEqualTo(end);
			outcome.left = 0;
			if (in.readerIndex() == start) {
				assertThat(message).as("message of no bytes").isNull();
				outcome.left = in.readableBytes();
				return;
			}
			if (message != null) {
				outcome.messages.add(message);
			}
		}
	}

	/** What some bytes give. */
	private final class Outcome {

		private final List<M> messages;

		private boolean refused;

		private int left;

		private Outcome(List<M> messages) {
			this.messages = messages;
		}

		private List<Object> views() {
			return this.messages.stream().map(CodecCheck.this.view).toList();
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof CodecCheck<?>.Outcome outcome && toString().equals(outcome.toString());
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.refused, this.left);
		}

		@Override
		public String toString() {
			return "%s, refused: %s, left: %d".formatted(views(), this.refused, this.left);
		}

	}

}
