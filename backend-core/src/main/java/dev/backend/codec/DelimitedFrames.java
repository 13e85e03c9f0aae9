package dev.backend.codec;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that end with a delimiter, which is searched for behind what has a fixed size.
 * Perhaps a checksum follows it. Where bytes are escaped, the first of the delimiter
 * stands nowhere else; then all between the start and the delimiter is escaped.
 */
final class DelimitedFrames implements Frames {

	private static final byte CARRIAGE_RETURN = '\r';

	private final FrameParts parts;

	/** What is looked for. */
	private final Delimiter delimiter;

	/** Where it is written in the trailer. */
	private final int written;

	private final int writtenBytes;

	/** Whether a carriage return before the delimiter belongs to it. */
	private final boolean lines;

	private final @Nullable Escaping escaping;

	private final int leastFrame;

	/** The bytes of a frame behind the delimiter. */
	private final int behind;

	DelimitedFrames(FrameParts parts, Delimiter delimiter, int written, int writtenBytes, boolean lines,
			@Nullable Escaping escaping) {
		this.parts = parts;
		this.delimiter = delimiter;
		this.written = written;
		this.writtenBytes = writtenBytes;
		this.lines = lines;
		this.escaping = escaping;
		this.behind = parts.trailerBytes - written - writtenBytes;
		this.leastFrame = parts.headerBytes + parts.trailerBytes;
		SettingChecks.require(parts.maxFrameBytes >= this.leastFrame, "maxFrameBytes", parts.maxFrameBytes,
				"at least " + this.leastFrame);
	}

	@Override
	public DelimitedFrames withMaxFrameBytes(int maxFrameBytes) {
		return new DelimitedFrames(this.parts.withMaxFrameBytes(maxFrameBytes), this.delimiter, this.written,
				this.writtenBytes, this.lines, this.escaping);
	}

	@Override
	public void begin(ByteBuf out) {
		this.parts.writeHeader(out);
	}

	@Override
	public void end(ByteBuf out, int start) {
		int bodyEnd = out.writerIndex();
		int body = bodyEnd - start - this.parts.headerBytes;
		checkBound(body + this.leastFrame);
		this.parts.writeTrailer(out);
		if (this.parts.hasSums()) {
			this.parts.writeSums(out, start, bodyEnd, 0);
		}
		if (this.escaping != null) {
			this.escaping.escape(out, start + this.parts.startBytes, bodyEnd + this.written);
			checkBound(out.writerIndex() - start);
		}
		else {
			checkNoDelimiter(out, start, bodyEnd, body);
		}
	}

	private void checkBound(int frame) {
		if (frame > this.parts.maxFrameBytes || frame < this.leastFrame) {
			throw new CodecException("frame of %d bytes (expected: %s)".formatted(frame,
					(frame < this.leastFrame) ? "at least " + this.leastFrame : "at most " + this.parts.maxFrameBytes));
		}
	}

	private void checkNoDelimiter(ByteBuf out, int start, int bodyEnd, int body) {
		int expected = bodyEnd + this.written + this.writtenBytes - this.delimiter.length();
		int bodyStart = start + this.parts.headerBytes;
		int found = this.delimiter.indexIn(out, bodyStart + this.written, expected + this.delimiter.length());
		if (found != expected) {
			throw new CodecException(
					"delimiter at byte %d of a body of %d (expected: none)".formatted(found - bodyStart, body));
		}
		if (bodyEnd(out, bodyStart, found) != bodyEnd) {
			throw new CodecException("body of %d bytes that ends with \\r (expected: it does not)".formatted(body));
		}
	}

	@Override
	public @Nullable ByteBuf next(ByteBuf in) {
		return next(in, 0);
	}

	@Override
	public @Nullable ByteBuf next(ByteBuf in, int examined) {
		int start = in.readerIndex();
		int readable = in.readableBytes();
		int bound = this.parts.maxFrameBytes - this.behind;
		int end = start + Math.min(readable, bound);
		// What has been seen may end with a part of the delimiter, or of what follows it.
		int from = start + examined - this.delimiter.length() - this.behind + 1;
		int found = (this.escaping != null) ? indexOfEscapedEnd(in, this.escaping, start, from, end)
				: indexOfEnd(in, start, from, end);
		if (found < 0) {
			if (readable >= bound) {
				throw new CodecException("no delimiter in %d bytes (expected: frames of at most %d)".formatted(readable,
						this.parts.maxFrameBytes));
			}
			return null;
		}
		int frameEnd = found + this.delimiter.length() + this.behind;
		if (frameEnd > in.writerIndex()) {
			return null;
		}
		in.readerIndex(frameEnd);
		int bodyStart = start + this.parts.headerBytes;
		int bodyEnd = (this.escaping != null) ? unescape(in, this.escaping, start, found)
				: bodyEnd(in, bodyStart, found);
		if (!this.lines) {
			this.parts.check(in, start, bodyEnd, 0);
		}
		return in.slice(bodyStart, bodyEnd - bodyStart);
	}

	private int indexOfEnd(ByteBuf in, int start, int from, int end) {
		this.parts.checkHeader(in, start, in.writerIndex(), false, 0);
		return this.delimiter.indexIn(in, Math.max(start + this.parts.headerBytes + this.written, from), end);
	}

	private int indexOfEscapedEnd(ByteBuf in, Escaping escaping, int start, int from, int end) {
		int content = start + this.parts.startBytes;
		this.parts.checkHeader(in, start, Math.min(content, in.writerIndex()), false, 0);
		int first = Math.max(content, from);
		boolean escaped = first > content && first <= end && escaping.isEscape(in.getByte(first - 1));
		for (int i = first; i < end; i++) {
			byte value = in.getByte(i);
			if (escaped) {
				escaping.value(value);
				escaped = false;
			}
			else if (value == this.delimiter.first()) {
				int there = Math.min(this.delimiter.length(), end - i);
				if (!this.delimiter.begins(in, i, there)) {
					throw new CodecException(
							"byte 0x%02x in a frame (expected: the end behind it, or it is escaped)".formatted(value));
				}
				return (there == this.delimiter.length()) ? i : -1;
			}
			else {
				escaped = escaping.isEscape(value);
			}
		}
		return -1;
	}

	/** Returns the end of the body; the trailer stands behind it then. */
	private int unescape(ByteBuf in, Escaping escaping, int start, int found) {
		int contentEnd = escaping.unescape(in, start + this.parts.startBytes, found);
		int frame = contentEnd + this.writtenBytes - start;
		if (frame < this.leastFrame) {
			throw new CodecException(
					"frame of %d bytes, unescaped (expected: at least %d)".formatted(frame, this.leastFrame));
		}
		this.parts.checkHeader(in, start, contentEnd, false, 0);
		if (contentEnd < found) {
			for (int i = 0; i < this.writtenBytes; i++) {
				in.setByte(contentEnd + i, in.getByte(found + i));
			}
		}
		return contentEnd - this.written;
	}

	/** The end of a body, given where the delimiter behind it was found. */
	private int bodyEnd(ByteBuf buffer, int bodyStart, int found) {
		boolean carriageReturn = this.lines && found > bodyStart && buffer.getByte(found - 1) == CARRIAGE_RETURN;
		return found - this.written - (carriageReturn ? 1 : 0);
	}

}
