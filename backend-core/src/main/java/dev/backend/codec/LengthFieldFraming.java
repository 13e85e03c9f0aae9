package dev.backend.codec;

import java.nio.ByteOrder;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that begin with their length: short for the {@link FrameLayout} of a length and
 * a body. Where a header has more than that, describe it by a layout.
 *
 * <p>
 * Fields of 1 to 7 bytes are unsigned. A field of 8 bytes is signed; a negative one is
 * refused. A length outside the bounds is refused as soon as the field has arrived, with
 * a {@link CodecException} that names it and them; nothing is allocated for it.
 */
public final class LengthFieldFraming implements Framing {

	private final int lengthFieldLength;

	private final ByteOrder byteOrder;

	private final int lengthAdjustment;

	private final FrameLayout layout;

	private LengthFieldFraming(int lengthFieldLength, ByteOrder byteOrder, int lengthAdjustment, int maxFrameBytes) {
		SettingChecks.inRange("lengthFieldLength", lengthFieldLength, 1, Long.BYTES);
		this.lengthFieldLength = lengthFieldLength;
		this.byteOrder = byteOrder;
		this.lengthAdjustment = lengthAdjustment;
		this.layout = FrameLayout.builder()
			.length(new BinaryFormat(lengthFieldLength, byteOrder), FrameLayout.Counted.FOLLOWING, lengthAdjustment)
			.body()
			.maxFrameBytes(maxFrameBytes)
			.build();
	}

	/**
	 * Returns frames that begin with their length, which counts the bytes behind it: the
	 * body. Big endian, at most {@value Framing#DEFAULT_MAX_FRAME_BYTES} bytes.
	 * @param lengthFieldLength the size of the length field in bytes, 1 to 8
	 * @return the framing
	 * @throws IllegalArgumentException if the size is out of range
	 */
	public static LengthFieldFraming of(int lengthFieldLength) {
		return new LengthFieldFraming(lengthFieldLength, ByteOrder.BIG_ENDIAN, 0, DEFAULT_MAX_FRAME_BYTES);
	}

	/**
	 * Returns this with a length field whose first byte is the lowest.
	 * @return a changed copy
	 */
	public LengthFieldFraming littleEndian() {
		return new LengthFieldFraming(this.lengthFieldLength, ByteOrder.LITTLE_ENDIAN, this.lengthAdjustment,
				this.layout.maxFrameBytes());
	}

	/**
	 * Returns this with a length that does not count exactly the body.
	 * @param lengthAdjustment what to add to the value of the field to get the size of
	 * the body; negative where the value counts the field as well
	 * @return a changed copy
	 * @throws IllegalArgumentException if no frame would be within the bound
	 */
	public LengthFieldFraming withAdjustment(int lengthAdjustment) {
		return new LengthFieldFraming(this.lengthFieldLength, this.byteOrder, lengthAdjustment,
				this.layout.maxFrameBytes());
	}

	/**
	 * Returns this with another bound.
	 * @param maxFrameBytes the largest whole frame, either way. The backend has a bound
	 * of its own, {@code backend.tcp.limits.frame-bytes}; the smaller one counts
	 * @return a changed copy
	 * @throws IllegalArgumentException if no frame would be within the bound
	 */
	public LengthFieldFraming withMaxFrameBytes(int maxFrameBytes) {
		return new LengthFieldFraming(this.lengthFieldLength, this.byteOrder, this.lengthAdjustment, maxFrameBytes);
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
	public String toString() {
		return "LengthFieldFraming[%s]".formatted(this.layout);
	}

}
