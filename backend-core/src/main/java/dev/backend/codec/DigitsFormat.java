package dev.backend.codec;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;

/** Numbers of a fixed number of digits in ASCII. */
final class DigitsFormat extends FieldFormat {

	private final int digits;

	private final int radix;

	DigitsFormat(int digits, int radix) {
		this.digits = SettingChecks.inRange("digits", digits, 1, (radix == 10) ? 18 : 15);
		this.radix = radix;
	}

	@Override
	int mostBytes() {
		return this.digits;
	}

	@Override
	boolean fixed() {
		return true;
	}

	@Override
	long largest() {
		long largest = 1;
		for (int i = 0; i < this.digits; i++) {
			largest *= this.radix;
		}
		return largest - 1;
	}

	@Override
	int bytes(long value) {
		return this.digits;
	}

	@Override
	int bytes(ByteBuf buffer, int index, int available) {
		get(buffer, index, Math.min(available, this.digits));
		return (available >= this.digits) ? this.digits : 0;
	}

	@Override
	long get(ByteBuf buffer, int index, int bytes) {
		return parse(buffer, index, bytes, this.radix);
	}

	static long parse(ByteBuf buffer, int index, int digits, int radix) {
		long value = 0;
		for (int i = 0; i < digits; i++) {
			int digit = digit(buffer.getByte(index + i), radix);
			if (digit < 0) {
				throw new CodecException("digit: 0x%02x (expected: 0 to %s)".formatted(buffer.getByte(index + i),
						(radix == 10) ? "9" : "F"));
			}
			value = value * radix + digit;
		}
		return value;
	}

	/** Unlike {@link Character#digit}, of ASCII alone. */
	static int digit(byte character, int radix) {
		return (character >= 0) ? Character.digit(character, radix) : -1;
	}

	@Override
	void set(ByteBuf buffer, int index, int bytes, long value) {
		format(buffer, index, bytes, value, this.radix);
	}

	static void format(ByteBuf buffer, int index, int digits, long value, int radix) {
		long rest = value;
		for (int i = digits - 1; i >= 0; i--) {
			buffer.setByte(index + i, Character.toUpperCase(Character.forDigit((int) (rest % radix), radix)));
			rest /= radix;
		}
	}

	@Override
	public String toString() {
		return ((this.radix == 10) ? "decimal " : "hex ") + this.digits;
	}

}
