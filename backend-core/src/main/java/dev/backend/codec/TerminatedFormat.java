package dev.backend.codec;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;

/** Numbers of decimal digits that end with a character. */
final class TerminatedFormat extends FieldFormat {

	private static final int RADIX = 10;

	private final byte terminator;

	private final int mostDigits;

	TerminatedFormat(char terminator, int mostDigits) {
		SettingChecks.require(terminator <= Byte.MAX_VALUE && DigitsFormat.digit((byte) terminator, RADIX) < 0,
				"terminator", terminator, "an ASCII character that is no digit");
		this.terminator = (byte) terminator;
		this.mostDigits = SettingChecks.inRange("mostDigits", mostDigits, 1, 18);
	}

	@Override
	int mostBytes() {
		return this.mostDigits + 1;
	}

	@Override
	boolean fixed() {
		return false;
	}

	@Override
	long largest() {
		return new DigitsFormat(this.mostDigits, RADIX).largest();
	}

	@Override
	int bytes(long value) {
		int digits = 1;
		for (long rest = value / RADIX; rest > 0; rest /= RADIX) {
			digits++;
		}
		return digits + 1;
	}

	@Override
	int bytes(ByteBuf buffer, int index, int available) {
		int digits = 0;
		while (digits < Math.min(available, this.mostDigits)
				&& DigitsFormat.digit(buffer.getByte(index + digits), RADIX) >= 0) {
			digits++;
		}
		if (digits == available) {
			return 0;
		}
		byte end = buffer.getByte(index + digits);
		if (digits == 0 || end != this.terminator) {
			throw new CodecException("byte 0x%02x behind %d digits (expected: 1 to %d digits and 0x%02x)".formatted(end,
					digits, this.mostDigits, this.terminator));
		}
		return digits + 1;
	}

	@Override
	long get(ByteBuf buffer, int index, int bytes) {
		return DigitsFormat.parse(buffer, index, bytes - 1, RADIX);
	}

	@Override
	void set(ByteBuf buffer, int index, int bytes, long value) {
		DigitsFormat.format(buffer, index, bytes - 1, value, RADIX);
		buffer.setByte(index + bytes - 1, this.terminator);
	}

	@Override
	public String toString() {
		return "decimal until 0x%02x".formatted(this.terminator);
	}

}
