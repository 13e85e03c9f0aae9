package dev.backend.codec;

import java.nio.ByteOrder;

import io.netty.buffer.ByteBuf;

/**
 * Whole numbers of 1 to 8 bytes in a buffer, unsigned but for those of 8. Sizes that
 * {@link ByteBuf} has are its own, the others go byte by byte.
 */
final class LengthField {

	private LengthField() {
	}

	/** The largest value of a field. */
	static long largest(int bytes) {
		return (bytes < Long.BYTES) ? (1L << (bytes * Byte.SIZE)) - 1 : Long.MAX_VALUE;
	}

	static long get(ByteBuf buffer, int index, int bytes, ByteOrder order) {
		boolean big = order == ByteOrder.BIG_ENDIAN;
		return switch (bytes) {
			case 1 -> buffer.getUnsignedByte(index);
			case 2 -> big ? buffer.getUnsignedShort(index) : buffer.getUnsignedShortLE(index);
			case 3 -> big ? buffer.getUnsignedMedium(index) : buffer.getUnsignedMediumLE(index);
			case 4 -> big ? buffer.getUnsignedInt(index) : buffer.getUnsignedIntLE(index);
			case 8 -> big ? buffer.getLong(index) : buffer.getLongLE(index);
			default -> getBytes(buffer, index, bytes, big);
		};
	}

	static void set(ByteBuf buffer, int index, int bytes, ByteOrder order, long value) {
		boolean big = order == ByteOrder.BIG_ENDIAN;
		switch (bytes) {
			case 1 -> buffer.setByte(index, (int) value);
			case 2 -> setShort(buffer, index, (int) value, big);
			case 4 -> setInt(buffer, index, (int) value, big);
			default -> setBytes(buffer, index, bytes, value, big);
		}
	}

	private static void setShort(ByteBuf buffer, int index, int value, boolean big) {
		if (big) {
			buffer.setShort(index, value);
		}
		else {
			buffer.setShortLE(index, value);
		}
	}

	private static void setInt(ByteBuf buffer, int index, int value, boolean big) {
		if (big) {
			buffer.setInt(index, value);
		}
		else {
			buffer.setIntLE(index, value);
		}
	}

	private static long getBytes(ByteBuf buffer, int index, int bytes, boolean big) {
		long value = 0;
		for (int i = 0; i < bytes; i++) {
			value = value << Byte.SIZE | buffer.getUnsignedByte(big ? index + i : index + bytes - 1 - i);
		}
		return value;
	}

	private static void setBytes(ByteBuf buffer, int index, int bytes, long value, boolean big) {
		for (int i = 0; i < bytes; i++) {
			buffer.setByte(big ? index + bytes - 1 - i : index + i, (int) (value >>> (i * Byte.SIZE)));
		}
	}

}
