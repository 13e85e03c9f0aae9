package dev.backend.codec;

import java.util.List;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What all frames of a layout have beside the body and their length. Header offsets are
 * from the begin of the frame, with a length of the most bytes; trailer offsets are from
 * the end of the body. Slack is what a length takes less than the most bytes.
 */
final class FrameParts {

	final int startBytes;

	final int headerBytes;

	/** From where on slack counts. */
	private final int slackFrom;

	final int trailerBytes;

	final int maxFrameBytes;

	/** What a header is before its numbers are known; {@code null} if it is all zeros. */
	private final byte @Nullable [] header;

	private final byte[] trailer;

	private final Constant[] headerConstants;

	private final Constant[] trailerConstants;

	/** Those last that cover others. */
	private final Sum[] sums;

	FrameParts(int startBytes, byte[] header, byte[] trailer, int slackFrom, List<Constant> headerConstants,
			List<Constant> trailerConstants, List<Sum> sums, int maxFrameBytes) {
		this.startBytes = startBytes;
		this.headerBytes = header.length;
		this.trailerBytes = trailer.length;
		this.slackFrom = slackFrom;
		this.header = isZero(header) ? null : header;
		this.trailer = trailer;
		this.headerConstants = headerConstants.toArray(Constant[]::new);
		this.trailerConstants = trailerConstants.toArray(Constant[]::new);
		this.sums = sums.toArray(Sum[]::new);
		this.maxFrameBytes = maxFrameBytes;
	}

	private static boolean isZero(byte[] bytes) {
		for (byte value : bytes) {
			if (value != 0) {
				return false;
			}
		}
		return true;
	}

	FrameParts withMaxFrameBytes(int maxFrameBytes) {
		return new FrameParts(this.startBytes, (this.header != null) ? this.header : new byte[this.headerBytes],
				this.trailer, this.slackFrom, List.of(this.headerConstants), List.of(this.trailerConstants),
				List.of(this.sums), maxFrameBytes);
	}

	void writeHeader(ByteBuf out) {
		if (this.header == null) {
			out.writeZero(this.headerBytes);
		}
		else {
			out.writeBytes(this.header);
		}
	}

	void writeTrailer(ByteBuf out) {
		if (this.trailerBytes > 0) {
			out.writeBytes(this.trailer);
		}
	}

	/** Refuses constants that differ, as far as they have arrived. */
	void checkHeader(ByteBuf in, int start, int end, boolean behindLength, int slack) {
		for (Constant constant : this.headerConstants) {
			if (constant.offset >= this.slackFrom == behindLength) {
				constant.check(in, start + constant.offset - (behindLength ? slack : 0), end);
			}
		}
	}

	/** Refuses a wrong checksum of the header alone, of which all has arrived. */
	void checkSumsOfHeader(ByteBuf in, int start, int slack) {
		for (Sum sum : this.sums) {
			if (sum.inHeader && (sum.covered == Checksum.Covered.BEFORE
					|| sum.covered == Checksum.Covered.BEFORE_WITHOUT_START)) {
				sum.check(in, start, 0, 0, slack);
			}
		}
	}

	/** Refuses a frame of which all has arrived. */
	void check(ByteBuf in, int start, int bodyEnd, int slack) {
		for (Constant constant : this.trailerConstants) {
			constant.check(in, bodyEnd + constant.offset, Integer.MAX_VALUE);
		}
		for (Sum sum : this.sums) {
			sum.check(in, start, bodyEnd, bodyEnd + this.trailerBytes, slack);
		}
	}

	/** Sets the checksums of a frame that is complete but for them. */
	void writeSums(ByteBuf out, int start, int bodyEnd, int slack) {
		for (Sum sum : this.sums) {
			sum.write(out, start, bodyEnd, bodyEnd + this.trailerBytes, slack);
		}
	}

	boolean hasSums() {
		return this.sums.length > 0;
	}

	/** Bytes that are always the same. */
	record Constant(int offset, byte[] bytes) {

		void check(ByteBuf in, int index, int end) {
			for (int i = 0; i < this.bytes.length && index + i < end; i++) {
				if (in.getByte(index + i) != this.bytes[i]) {
					throw new CodecException("byte 0x%02x, %d of a constant (expected: 0x%02x)"
						.formatted(in.getByte(index + i), i, this.bytes[i]));
				}
			}
		}

	}

	/** A checksum. */
	record Sum(boolean inHeader, int offset, FieldFormat format, Checksum checksum, Checksum.Covered covered,
			HeaderSizes sizes) {

		private int index(int start, int bodyEnd, int slack) {
			if (!this.inHeader) {
				return bodyEnd + this.offset;
			}
			return start + this.offset - ((this.offset >= this.sizes.slackFrom) ? slack : 0);
		}

		private long compute(ByteBuf frame, int index, int start, int bodyEnd, int end, int slack) {
			int from = switch (this.covered) {
				case BODY -> start + this.sizes.headerBytes - slack;
				case BEFORE -> start;
				case BEFORE_WITHOUT_START -> start + this.sizes.startBytes;
				case BEHIND -> index + this.format.mostBytes();
			};
			int to = switch (this.covered) {
				case BODY -> bodyEnd;
				case BEFORE, BEFORE_WITHOUT_START -> index;
				case BEHIND -> end;
			};
			long value = this.checksum.compute(frame.slice(from, to - from));
			long largest = this.format.largest();
			return (largest != Long.MAX_VALUE) ? Long.remainderUnsigned(value, largest + 1) : value;
		}

		void write(ByteBuf out, int start, int bodyEnd, int end, int slack) {
			int index = index(start, bodyEnd, slack);
			this.format.set(out, index, this.format.mostBytes(), compute(out, index, start, bodyEnd, end, slack));
		}

		void check(ByteBuf in, int start, int bodyEnd, int end, int slack) {
			int index = index(start, bodyEnd, slack);
			long arrived = this.format.get(in, index, this.format.mostBytes());
			long computed = compute(in, index, start, bodyEnd, end, slack);
			if (arrived != computed) {
				throw new CodecException("checksum: 0x%x (expected: 0x%x)".formatted(arrived, computed));
			}
		}

	}

	/** The sizes of a header that checksums need. */
	record HeaderSizes(int startBytes, int headerBytes, int slackFrom) {
	}

}
