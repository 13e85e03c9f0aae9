package dev.backend.codec;

import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that end with a delimiter, such as lines: short for the {@link FrameLayout} of a
 * body and its end. The body is what stands before the delimiter; it may be empty.
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

	private final FrameLayout layout;

	private DelimiterFraming(FrameLayout layout) {
		this.layout = layout;
	}

	/**
	 * Returns frames that end with a delimiter, at most
	 * {@value Framing#DEFAULT_MAX_FRAME_BYTES} bytes with it.
	 * @param delimiter the delimiter, at least one byte
	 * @return the framing
	 * @throws IllegalArgumentException if the delimiter is empty
	 */
	public static DelimiterFraming of(byte... delimiter) {
		byte[] end = FrameLayout.Builder.notEmpty("delimiter", delimiter.clone());
		return new DelimiterFraming(FrameLayout.builder().body().end(end).build());
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
		return new DelimiterFraming(FrameLayout.builder().body().lineEnd(written).build());
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
		return new DelimiterFraming(this.layout.withMaxFrameBytes(maxFrameBytes));
	}

	@Override
	public void begin(ByteBuf out) {
		this.layout.begin(out);
	}

	@Override
	public void end(ByteBuf out, int start) {
		this.layout.end(out, start);
	}

	@Override
	public @Nullable ByteBuf next(ByteBuf in) {
		return this.layout.next(in);
	}

	@Override
	public @Nullable ByteBuf next(ByteBuf in, int examined) {
		return this.layout.next(in, examined);
	}

	@Override
	public String toString() {
		return "DelimiterFraming[%s]".formatted(this.layout);
	}

}
