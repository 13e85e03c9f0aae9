package dev.backend.codec;

import java.nio.ByteOrder;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that carry their length. The parameters mean what they mean in Netty's
 * {@link io.netty.handler.codec.LengthFieldBasedFrameDecoder
 * LengthFieldBasedFrameDecoder}:
 *
 * <pre>
 * frame = lengthFieldOffset + lengthFieldLength + value of the field + lengthAdjustment
 *
 * |offset| length |                 |
 * | strip  |          body          |   what the codec sees and writes
 * </pre>
 *
 * The body is the frame without its first {@code initialBytesToStrip} bytes, both ways.
 * Stripped bytes are sent as zero, but for the length field. A length field that is not
 * stripped is part of the body: the codec writes anything in its place, and the framing
 * sets it afterwards. {@link #of} strips up to the body behind the field, {@link #at}
 * strips nothing.
 *
 * <p>
 * Fields of 1 to 7 bytes are unsigned. A field of 8 bytes is signed; a negative one is
 * refused. A length outside the bounds is refused as soon as the field has arrived, with
 * a {@link CodecException} that names it and them; nothing is allocated for it.
 *
 * @param lengthFieldOffset the bytes before the length field, at least 0
 * @param lengthFieldLength the size of the field in bytes, 1 to 8
 * @param lengthAdjustment what to add to the value of the field to get the number of
 * bytes that follow it; negative where the value counts the field, or what is before it
 * @param initialBytesToStrip the first bytes of a frame that are not of the body, at
 * least 0
 * @param byteOrder the order of the field's bytes
 * @param maxFrameBytes the largest whole frame, either way. The backend has a bound of
 * its own, {@code backend.tcp.limits.frame-bytes}; the smaller one counts
 */
public record LengthFieldFraming(int lengthFieldOffset, int lengthFieldLength, int lengthAdjustment,
		int initialBytesToStrip, ByteOrder byteOrder, int maxFrameBytes) implements Framing {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if a part is outside its documented range, or no
	 * frame would fit; the message names the part, its value and what was expected
	 */
	public LengthFieldFraming {
		SettingChecks.inRange("lengthFieldOffset", lengthFieldOffset, 0, Integer.MAX_VALUE - 8);
		SettingChecks.inRange("lengthFieldLength", lengthFieldLength, 1, 8);
		SettingChecks.inRange("initialBytesToStrip", initialBytesToStrip, 0, Integer.MAX_VALUE);
		int header = lengthFieldOffset + lengthFieldLength;
		SettingChecks.inRange("maxFrameBytes", maxFrameBytes, Math.max(header, initialBytesToStrip), Integer.MAX_VALUE);
		SettingChecks.inRange("lengthAdjustment", lengthAdjustment, Integer.MIN_VALUE, maxFrameBytes - header);
	}

	/**
	 * Returns frames that begin with their length, which counts the bytes behind it: the
	 * body. Big endian, at most {@value Framing#DEFAULT_MAX_FRAME_BYTES} bytes.
	 * @param lengthFieldLength the size of the length field in bytes, 1 to 8
	 * @return the framing
	 */
	public static LengthFieldFraming of(int lengthFieldLength) {
		return new LengthFieldFraming(0, lengthFieldLength, 0, lengthFieldLength, ByteOrder.BIG_ENDIAN,
				DEFAULT_MAX_FRAME_BYTES);
	}

	/**
	 * Returns frames with a header that the codec reads and writes itself, but for the
	 * length in it: the body is the whole frame. The length counts the bytes behind its
	 * field. Big endian, at most {@value Framing#DEFAULT_MAX_FRAME_BYTES} bytes.
	 * @param lengthFieldOffset the bytes before the length field
	 * @param lengthFieldLength the size of the length field in bytes, 1 to 8
	 * @return the framing
	 */
	public static LengthFieldFraming at(int lengthFieldOffset, int lengthFieldLength) {
		return new LengthFieldFraming(lengthFieldOffset, lengthFieldLength, 0, 0, ByteOrder.BIG_ENDIAN,
				DEFAULT_MAX_FRAME_BYTES);
	}

	/**
	 * Returns this with a length field whose first byte is the lowest.
	 * @return a changed copy
	 */
	public LengthFieldFraming littleEndian() {
		return new LengthFieldFraming(this.lengthFieldOffset, this.lengthFieldLength, this.lengthAdjustment,
				this.initialBytesToStrip, ByteOrder.LITTLE_ENDIAN, this.maxFrameBytes);
	}

	/**
	 * Returns this with a length that does not count exactly the bytes behind its field.
	 * @param lengthAdjustment what to add to the value of the field to get the number of
	 * those bytes
	 * @return a changed copy
	 */
	public LengthFieldFraming withAdjustment(int lengthAdjustment) {
		return new LengthFieldFraming(this.lengthFieldOffset, this.lengthFieldLength, lengthAdjustment,
				this.initialBytesToStrip, this.byteOrder, this.maxFrameBytes);
	}

	/**
	 * Returns this with another begin of the body.
	 * @param initialBytesToStrip the first bytes of a frame that are not of the body
	 * @return a changed copy
	 */
	public LengthFieldFraming withStrip(int initialBytesToStrip) {
		return new LengthFieldFraming(this.lengthFieldOffset, this.lengthFieldLength, this.lengthAdjustment,
				initialBytesToStrip, this.byteOrder, this.maxFrameBytes);
	}

	/**
	 * Returns this with another bound.
	 * @param maxFrameBytes the largest whole frame
	 * @return a changed copy
	 */
	public LengthFieldFraming withMaxFrameBytes(int maxFrameBytes) {
		return new LengthFieldFraming(this.lengthFieldOffset, this.lengthFieldLength, this.lengthAdjustment,
				this.initialBytesToStrip, this.byteOrder, maxFrameBytes);
	}

	@Override
	public void begin(ByteBuf out) {
		out.writeZero(this.initialBytesToStrip);
	}

	@Override
	public void end(ByteBuf out, int start) {
		int frame = out.writerIndex() - start;
		if (frame < header() || frame > this.maxFrameBytes) {
			throw new CodecException(
					"frame of %d bytes (expected: %d to %d)".formatted(frame, header(), this.maxFrameBytes));
		}
		long value = (long) frame - header() - this.lengthAdjustment;
		long most = LengthField.largest(this.lengthFieldLength);
		if (value < 0 || value > most) {
			throw new CodecException("length field of %d bytes for a frame of %d: %d (expected: 0 to %d)"
				.formatted(this.lengthFieldLength, frame, value, most));
		}
		LengthField.set(out, start + this.lengthFieldOffset, this.lengthFieldLength, this.byteOrder, value);
	}

	@Override
	public @Nullable ByteBuf next(ByteBuf in) {
		if (in.readableBytes() < header()) {
			return null;
		}
		int frame = frameBytes(
				LengthField.get(in, in.readerIndex() + this.lengthFieldOffset, this.lengthFieldLength, this.byteOrder));
		if (in.readableBytes() < frame) {
			return null;
		}
		in.skipBytes(this.initialBytesToStrip);
		return in.readSlice(frame - this.initialBytesToStrip);
	}

	/** The size of a frame whose length field has a value. */
	private int frameBytes(long value) {
		long behindField = (long) this.lengthAdjustment + header();
		long least = Math.max(0, Math.max(header(), this.initialBytesToStrip) - behindField);
		long most = this.maxFrameBytes - behindField;
		if (value < least || value > most) {
			throw new CodecException("length field: %d (expected: %d to %d, in a frame of at most %d bytes)"
				.formatted(value, least, most, this.maxFrameBytes));
		}
		return (int) (value + behindField);
	}

	private int header() {
		return this.lengthFieldOffset + this.lengthFieldLength;
	}

}
