package dev.backend.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A number in the header of a {@link FrameLayout}, such as a type or an id. Immutable.
 */
public final class FrameField {

	private final String name;

	private final FieldFormat format;

	/** Where it stands, if the length takes the most bytes. */
	private final int offset;

	private final @Nullable FieldFormat growing;

	private final int growingOffset;

	FrameField(String name, FieldFormat format, int offset, @Nullable FieldFormat growing, int growingOffset) {
		this.name = name;
		this.format = format;
		this.offset = offset;
		this.growing = growing;
		this.growingOffset = growingOffset;
	}

	/**
	 * Returns the name that the layout gives it.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns the largest number that fits.
	 * @return the largest number
	 */
	public long largest() {
		return this.format.largest();
	}

	/**
	 * Reads the number of an arrived frame, which {@link FrameLayout#next} has returned
	 * the body of.
	 * @param in the buffer that {@link FrameLayout#next} was given
	 * @param start its reader index before that call
	 * @return the number: 0 or more, if it has less than 8 bytes
	 * @throws CodecException if the field is of digits, and has something else
	 */
	public long get(ByteBuf in, int start) {
		int index = start + this.offset;
		FieldFormat growing = this.growing;
		if (growing != null) {
			index -= growing.mostBytes() - growing.bytes(in, start + this.growingOffset, growing.mostBytes());
		}
		return this.format.get(in, index, this.format.mostBytes());
	}

	/**
	 * Writes the number of a frame, between {@link FrameLayout#begin} and
	 * {@link FrameLayout#end}. It is 0 otherwise.
	 * @param out the buffer that the frame is appended to
	 * @param start the writer index before {@link FrameLayout#begin}
	 * @param value the number
	 * @throws CodecException if the number does not fit
	 */
	public void set(ByteBuf out, int start, long value) {
		if (this.format.largest() != Long.MAX_VALUE && (value < 0 || value > this.format.largest())) {
			throw new CodecException("%s: %d (expected: 0 to %d)".formatted(this.name, value, this.format.largest()));
		}
		this.format.set(out, start + this.offset, this.format.mostBytes(), value);
	}

	@Override
	public String toString() {
		return "%s:%s".formatted(this.name, this.format);
	}

}
