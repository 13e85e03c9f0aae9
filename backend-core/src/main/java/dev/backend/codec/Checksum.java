package dev.backend.codec;

import java.util.function.Supplier;

import io.netty.buffer.ByteBuf;

/**
 * A number over some bytes of a frame, by which the peer sees that they arrived as they
 * were sent. Called on event loops: stateless, safe for use by several threads, and does
 * not block.
 */
@FunctionalInterface
public interface Checksum {

	/**
	 * Computes the number. What does not fit its field is cut off at the top, both ways.
	 * @param bytes the bytes that are covered and nothing else; a view that is valid
	 * during this call
	 * @return the number
	 */
	long compute(ByteBuf bytes);

	/**
	 * Returns all bytes combined by exclusive or: the LRC of serial protocols.
	 * @return the checksum
	 */
	static Checksum xor() {
		return (bytes) -> {
			int[] value = { 0 };
			bytes.forEachByte((next) -> {
				value[0] ^= next & 0xff;
				return true;
			});
			return value[0];
		};
	}

	/**
	 * Returns the sum of all bytes, each from 0 to 255.
	 * @return the checksum
	 */
	static Checksum sum() {
		return (bytes) -> {
			long[] value = { 0 };
			bytes.forEachByte((next) -> {
				value[0] += next & 0xff;
				return true;
			});
			return value[0];
		};
	}

	/**
	 * Returns a checksum of the JDK, such as {@link java.util.zip.CRC32} or
	 * {@link java.util.zip.CRC32C}.
	 * @param checksum makes one for each frame
	 * @return the checksum
	 */
	static Checksum of(Supplier<java.util.zip.Checksum> checksum) {
		return (bytes) -> {
			java.util.zip.Checksum value = checksum.get();
			value.update(bytes.nioBuffer());
			return value.getValue();
		};
	}

	/** Which bytes of a frame a checksum covers. */
	enum Covered {

		/** The body. */
		BODY,

		/** All that stands before the checksum. */
		BEFORE,

		/** All that stands before the checksum, but for the start bytes. */
		BEFORE_WITHOUT_START,

		/** All that stands behind the checksum. */
		BEHIND

	}

}
