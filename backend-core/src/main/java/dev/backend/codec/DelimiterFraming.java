package dev.backend.codec;

import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that end with a delimiter: lines, for example. The body is what stands before
 * the delimiter; it may be empty.
 *
 * <p>
 * A body that contains the delimiter is refused, since the peer would take it for two. So
 * is one whose end would be taken for a part of the delimiter.
 *
 * <p>
 * A connection looks at each byte once, however small the pieces that a frame arrives in:
 * {@link #next(ByteBuf, int)} is told how far the call before has come.
 * {@link #next(ByteBuf)} begins at the front.
 */
public final class DelimiterFraming implements Framing {

	private static final byte CARRIAGE_RETURN = '\r';

	/** What is looked for. */
	private final byte[] delimiter;

	/** What is written: the delimiter, for lines perhaps with a carriage return. */
	private final byte[] written;

	private final boolean lines;

	private final int maxFrameBytes;

	private DelimiterFraming(byte[] delimiter, byte[] written, boolean lines, int maxFrameBytes) {
		this.delimiter = delimiter;
		this.written = written;
		this.lines = lines;
		this.maxFrameBytes = maxFrameBytes;
	}

	/**
	 * Returns frames that end with a delimiter, at most
	 * {@value Framing#DEFAULT_MAX_FRAME_BYTES} bytes with it.
	 * @param delimiter the delimiter, at least one byte
	 * @return the framing
	 * @throws IllegalArgumentException if the delimiter is empty
	 */
	public static DelimiterFraming of(byte... delimiter) {
		if (delimiter.length == 0) {
			throw new IllegalArgumentException("delimiter: 0 bytes (expected: at least 1)");
		}
		byte[] copy = delimiter.clone();
		return new DelimiterFraming(copy, copy, false, DEFAULT_MAX_FRAME_BYTES);
	}

	/**
	 * Returns frames that end with a delimiter, at most
	 * {@value Framing#DEFAULT_MAX_FRAME_BYTES} bytes with it.
	 * @param delimiter the delimiter, encoded in UTF-8; not empty
	 * @return the framing
	 * @throws IllegalArgumentException if the delimiter is empty
	 */
	public static DelimiterFraming of(String delimiter) {
		return of(delimiter.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * Returns lines. Read: ending with {@code \n} or {@code \r\n}, at most
	 * {@value Framing#DEFAULT_MAX_FRAME_BYTES} bytes with it. Written: with {@code \n}.
	 * @return the framing
	 */
	public static DelimiterFraming line() {
		return line("\n");
	}

	/**
	 * Returns lines. Read: ending with {@code \n} or {@code \r\n}, at most
	 * {@value Framing#DEFAULT_MAX_FRAME_BYTES} bytes with it. Written: with {@code \r\n},
	 * as SMTP, FTP and most text protocols of the Internet want it.
	 * @return the framing
	 */
	public static DelimiterFraming crlfLine() {
		return line("\r\n");
	}

	private static DelimiterFraming line(String written) {
		return new DelimiterFraming(new byte[] { '\n' }, written.getBytes(StandardCharsets.US_ASCII), true,
				DEFAULT_MAX_FRAME_BYTES);
	}

	/**
	 * Returns this with another bound.
	 * @param maxFrameBytes the largest frame, either way, with its delimiter. The backend
	 * has a bound of its own, {@code backend.tcp.limits.frame-bytes}; the smaller one
	 * counts
	 * @return a changed copy
	 * @throws IllegalArgumentException if the delimiter alone would be larger
	 */
	public DelimiterFraming withMaxFrameBytes(int maxFrameBytes) {
		if (maxFrameBytes < this.written.length) {
			throw new IllegalArgumentException(
					"maxFrameBytes: %d (expected: at least %d)".formatted(maxFrameBytes, this.written.length));
		}
		return new DelimiterFraming(this.delimiter, this.written, this.lines, maxFrameBytes);
	}

	@Override
	public void begin(ByteBuf out) {
		// A body stands at the front.
	}

	@Override
	public void end(ByteBuf out, int start) {
		int body = out.writerIndex() - start;
		out.writeBytes(this.written);
		int frame = body + this.written.length;
		if (frame > this.maxFrameBytes) {
			throw new CodecException("frame of %d bytes (expected: at most %d)".formatted(frame, this.maxFrameBytes));
		}
		int found = indexOfDelimiter(out, start, start + frame);
		if (found != start + frame - this.delimiter.length) {
			throw new CodecException(
					"delimiter at byte %d of a body of %d (expected: none)".formatted(found - start, body));
		}
		if (bodyBytes(out, start, found) != body) {
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
		int end = start + Math.min(in.readableBytes(), this.maxFrameBytes);
		// What has been seen may end with a part of the delimiter.
		int found = indexOfDelimiter(in, start + Math.max(0, examined - this.delimiter.length + 1), end);
		if (found < 0) {
			if (in.readableBytes() >= this.maxFrameBytes) {
				throw new CodecException("no delimiter in %d bytes (expected: frames of at most %d)"
					.formatted(in.readableBytes(), this.maxFrameBytes));
			}
			return null;
		}
		in.readerIndex(found + this.delimiter.length);
		return in.slice(start, bodyBytes(in, start, found));
	}

	/** The size of a body, given where the delimiter behind it was found. */
	private int bodyBytes(ByteBuf buffer, int start, int found) {
		boolean carriageReturn = this.lines && found > start && buffer.getByte(found - 1) == CARRIAGE_RETURN;
		return found - start - (carriageReturn ? 1 : 0);
	}

	/** Looks for the last byte, which Netty does in words, then compares the others. */
	private int indexOfDelimiter(ByteBuf buffer, int start, int end) {
		int others = this.delimiter.length - 1;
		byte last = this.delimiter[others];
		for (int from = start + others; from < end; from++) {
			from = buffer.indexOf(from, end, last);
			if (from < 0) {
				return -1;
			}
			if (isDelimiter(buffer, from - others)) {
				return from - others;
			}
		}
		return -1;
	}

	private boolean isDelimiter(ByteBuf buffer, int index) {
		for (int i = 0; i < this.delimiter.length - 1; i++) {
			if (buffer.getByte(index + i) != this.delimiter[i]) {
				return false;
			}
		}
		return true;
	}

	@Override
	public String toString() {
		return "DelimiterFraming[%s%d bytes, maxFrameBytes=%d]".formatted(this.lines ? "lines, " : "",
				this.written.length, this.maxFrameBytes);
	}

}
