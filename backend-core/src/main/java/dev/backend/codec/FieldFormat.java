package dev.backend.codec;

import java.nio.ByteOrder;

import io.netty.buffer.ByteBuf;

/**
 * How a whole number stands in a {@link FrameLayout}: its length, a type, an id, flags, a
 * checksum. Immutable.
 */
public abstract sealed class FieldFormat permits BinaryFormat, DigitsFormat, TerminatedFormat, VarintFormat {

	FieldFormat() {
	}

	/**
	 * Returns numbers of some bytes, the highest first. Those of 1 to 7 bytes are
	 * unsigned; those of 8 are signed.
	 * @param bytes the size, 1 to 8
	 * @return the format
	 * @throws IllegalArgumentException if the size is out of range
	 */
	public static FieldFormat bigEndian(int bytes) {
		return new BinaryFormat(bytes, ByteOrder.BIG_ENDIAN);
	}

	/**
	 * Returns numbers of some bytes, the lowest first. Those of 1 to 7 bytes are
	 * unsigned; those of 8 are signed.
	 * @param bytes the size, 1 to 8
	 * @return the format
	 * @throws IllegalArgumentException if the size is out of range
	 */
	public static FieldFormat littleEndian(int bytes) {
		return new BinaryFormat(bytes, ByteOrder.LITTLE_ENDIAN);
	}

	/**
	 * Returns numbers of seven bits per byte, the lowest first, as in Protobuf and MQTT;
	 * each byte but the last has its highest bit set. For lengths only. Written with as
	 * few bytes as it takes.
	 * @param mostBytes the most bytes, 1 to 9: 5 for the lengths of Protobuf, 4 for those
	 * of MQTT. A longer one is refused
	 * @return the format
	 * @throws IllegalArgumentException if the size is out of range
	 */
	public static FieldFormat varint(int mostBytes) {
		return new VarintFormat(mostBytes);
	}

	/**
	 * Returns numbers of decimal digits in ASCII, with zeros in front.
	 * @param digits how many, 1 to 18
	 * @return the format
	 * @throws IllegalArgumentException if the number of digits is out of range
	 */
	public static FieldFormat decimal(int digits) {
		return new DigitsFormat(digits, 10);
	}

	/**
	 * Returns numbers of hexadecimal digits in ASCII, with zeros in front. Written in
	 * upper case, read in either.
	 * @param digits how many, 1 to 15
	 * @return the format
	 * @throws IllegalArgumentException if the number of digits is out of range
	 */
	public static FieldFormat hex(int digits) {
		return new DigitsFormat(digits, 16);
	}

	/**
	 * Returns numbers of decimal digits in ASCII that end with a character, as in
	 * netstrings. For lengths only. Written without zeros in front.
	 * @param terminator the character behind the digits: ASCII, and no digit
	 * @param mostDigits the most digits, 1 to 18. More are refused
	 * @return the format
	 * @throws IllegalArgumentException if the terminator is none, or the number of digits
	 * is out of range
	 */
	public static FieldFormat decimalUntil(char terminator, int mostDigits) {
		return new TerminatedFormat(terminator, mostDigits);
	}

	/** The most bytes that a number takes. */
	abstract int mostBytes();

	/** Whether all numbers take that many. */
	abstract boolean fixed();

	/** The largest number. */
	abstract long largest();

	/** The bytes that a number takes; it is 0 to the largest. */
	abstract int bytes(long value);

	/**
	 * The bytes of the number at an index.
	 * @param available how many bytes there are from the index on
	 * @return 0 if there are not all
	 * @throws CodecException if it is none, as soon as that can be seen
	 */
	abstract int bytes(ByteBuf buffer, int index, int available);

	/** The number at an index, of bytes that are there. */
	abstract long get(ByteBuf buffer, int index, int bytes);

	/** Overwrites the bytes at an index. */
	abstract void set(ByteBuf buffer, int index, int bytes, long value);

}
