package dev.backend.codec;

import dev.backend.codec.FrameLayout.Counted;
import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Frames that carry their length. */
final class LengthFrames implements Frames {

	private final FrameParts parts;

	private final FieldFormat format;

	private final int offset;

	private final Counted counted;

	private final int adjustment;

	/** The bytes of a frame that the length does not count, if it takes the most. */
	private final int uncounted;

	/** The bytes of a frame beside its body, if the length takes the most. */
	private final int besideBody;

	LengthFrames(FrameParts parts, FieldFormat format, int offset, Counted counted, int adjustment) {
		this.parts = parts;
		this.format = format;
		this.offset = offset;
		this.counted = counted;
		this.adjustment = adjustment;
		this.besideBody = parts.headerBytes + parts.trailerBytes;
		this.uncounted = adjustment + switch (counted) {
			case BODY -> this.besideBody;
			case FOLLOWING -> offset + format.mostBytes();
			case FRAME -> 0;
		};
		SettingChecks.inRange("maxFrameBytes", parts.maxFrameBytes, this.besideBody, Integer.MAX_VALUE);
		int most = parts.maxFrameBytes - (this.uncounted - adjustment);
		SettingChecks.inRange("lengthAdjustment", adjustment, Integer.MIN_VALUE, most);
	}

	@Override
	public LengthFrames withMaxFrameBytes(int maxFrameBytes) {
		return new LengthFrames(this.parts.withMaxFrameBytes(maxFrameBytes), this.format, this.offset, this.counted,
				this.adjustment);
	}

	@Override
	public void begin(ByteBuf out) {
		this.parts.writeHeader(out);
	}

	@Override
	public void end(ByteBuf out, int start) {
		int bodyEnd = out.writerIndex();
		int most = bodyEnd + this.parts.trailerBytes - start;
		if (most < this.besideBody) {
			throw new CodecException("frame of %d bytes (expected: at least %d)".formatted(most, this.besideBody));
		}
		// So that no more is written.
		int slack = slack(most);
		int frame = most - slack;
		if (frame > this.parts.maxFrameBytes) {
			throw new CodecException("frame of %d bytes (expected: %d to %d)".formatted(frame, this.besideBody - slack,
					this.parts.maxFrameBytes));
		}
		if (slack > 0) {
			int from = start + this.offset + this.format.mostBytes();
			out.setBytes(from - slack, out, from, bodyEnd - from);
			bodyEnd -= slack;
			out.writerIndex(bodyEnd);
		}
		this.parts.writeTrailer(out);
		this.format.set(out, start + this.offset, this.format.mostBytes() - slack, value(frame, slack));
		if (this.parts.hasSums()) {
			this.parts.writeSums(out, start, bodyEnd, slack);
		}
	}

	/** How many bytes less than the most the length takes, for a frame with the most. */
	private int slack(int most) {
		if (this.format.fixed()) {
			checkValue(value(most, 0), most);
			return 0;
		}
		// A length that counts itself is larger, the more bytes it takes.
		for (int slack = this.format.mostBytes() - 1; slack >= 0; slack--) {
			long value = value(most - slack, slack);
			checkValue(value, most - slack);
			if (this.format.bytes(value) <= this.format.mostBytes() - slack) {
				return this.format.mostBytes() - this.format.bytes(value);
			}
		}
		throw new IllegalStateException("length of no size");
	}

	private void checkValue(long value, int frame) {
		if (value < 0 || value > this.format.largest()) {
			throw new CodecException("length field of %d bytes for a frame of %d: %d (expected: 0 to %d)"
				.formatted(this.format.mostBytes(), frame, value, this.format.largest()));
		}
	}

	private long value(int frame, int slack) {
		return (long) frame - uncounted(slack);
	}

	private int uncounted(int slack) {
		return this.uncounted - ((this.counted != Counted.FRAME) ? slack : 0);
	}

	@Override
	public @Nullable ByteBuf next(ByteBuf in) {
		int start = in.readerIndex();
		int end = in.writerIndex();
		this.parts.checkHeader(in, start, end, false, 0);
		int index = start + this.offset;
		int bytes = (index < end) ? this.format.bytes(in, index, end - index) : 0;
		if (bytes == 0) {
			return null;
		}
		int slack = this.format.mostBytes() - bytes;
		int frame = frameBytes(this.format.get(in, index, bytes), slack);
		this.parts.checkHeader(in, start, end, true, slack);
		int header = this.parts.headerBytes - slack;
		if (end - start < frame) {
			if (this.parts.hasSums() && end - start >= header) {
				this.parts.checkSumsOfHeader(in, start, slack);
			}
			return null;
		}
		int body = frame - header - this.parts.trailerBytes;
		this.parts.check(in, start, start + header + body, slack);
		in.readerIndex(start + frame);
		return in.slice(start + header, body);
	}

	/** The size of a frame whose length has a value. */
	private int frameBytes(long value, int slack) {
		int uncounted = uncounted(slack);
		long least = Math.max(0, (long) this.besideBody - slack - uncounted);
		long most = (long) this.parts.maxFrameBytes - uncounted;
		if (value < least || value > most) {
			throw new CodecException("length field: %d (expected: %d to %d, in a frame of at most %d bytes)"
				.formatted(value, least, most, this.parts.maxFrameBytes));
		}
		return (int) (value + uncounted);
	}

}
