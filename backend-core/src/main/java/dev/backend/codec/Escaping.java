package dev.backend.codec;

import java.util.Arrays;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;

/**
 * Byte stuffing: what may not stand between the start and the end of a frame is written
 * as an escape byte and a code. Immutable.
 *
 * <pre>{@code
 * Escaping slip = Escaping.by(0xDB).replacing(0xC0, 0xDC).replacing(0xDB, 0xDD);
 * Escaping hdlc = Escaping.by(0x7D).xor(0x20, 0x7E, 0x7D);
 * }</pre>
 */
public final class Escaping {

	private static final int BYTES = 256;

	private static final int NONE = -1;

	private final int escape;

	/** By the byte, what stands behind the escape byte in its place. */
	private final int[] codes;

	/** By the code, the byte. */
	private final int[] values;

	private Escaping(int escape, int[] codes, int[] values) {
		this.escape = escape;
		this.codes = codes;
		this.values = values;
	}

	/**
	 * Returns an escaping that replaces nothing yet. It must replace the escape byte as
	 * well, and the first of the end bytes.
	 * @param escape the escape byte, 0 to 255
	 * @return the escaping
	 * @throws IllegalArgumentException if the byte is out of range
	 */
	public static Escaping by(int escape) {
		int[] none = new int[BYTES];
		Arrays.fill(none, NONE);
		return new Escaping(octet("escape", escape), none, none);
	}

	/**
	 * Returns this with one more byte that is replaced.
	 * @param value the byte, 0 to 255
	 * @param code what stands behind the escape byte in its place, 0 to 255; not the
	 * escape byte
	 * @return a changed copy
	 * @throws IllegalArgumentException if one is out of range or used already
	 */
	public Escaping replacing(int value, int code) {
		octet("value", value);
		SettingChecks.require(octet("code", code) != this.escape, "code", code, "not the escape byte");
		SettingChecks.require(this.codes[value] == NONE, "value", value, "one that is not replaced yet");
		SettingChecks.require(this.values[code] == NONE, "code", code, "one that is not in use yet");
		int[] codes = this.codes.clone();
		int[] values = this.values.clone();
		codes[value] = code;
		values[code] = value;
		return new Escaping(this.escape, codes, values);
	}

	/**
	 * Returns this with more bytes that are replaced, each by itself changed by exclusive
	 * or.
	 * @param mask what changes them, 1 to 255
	 * @param values the bytes, 0 to 255
	 * @return a changed copy
	 * @throws IllegalArgumentException if one is out of range or used already
	 */
	public Escaping xor(int mask, int... values) {
		SettingChecks.inRange("mask", mask, 1, BYTES - 1);
		Escaping escaping = this;
		for (int value : values) {
			escaping = escaping.replacing(octet("value", value), value ^ mask);
		}
		return escaping;
	}

	private static int octet(String name, int value) {
		return SettingChecks.inRange(name, value, 0, BYTES - 1);
	}

	/** The end is found by its first byte, which therefore stands nowhere else. */
	void check(byte end) {
		SettingChecks.require(this.codes[this.escape] != NONE, "escaping", this, "one that replaces the escape byte");
		SettingChecks.require(this.codes[end & 0xff] != NONE && this.values[end & 0xff] == NONE, "escaping", this,
				"one that replaces the first end byte, and does not have it as a code");
	}

	boolean isEscape(byte value) {
		return (value & 0xff) == this.escape;
	}

	/** Refuses what is no code. */
	byte value(byte code) {
		int value = this.values[code & 0xff];
		if (value == NONE) {
			throw new CodecException(
					"byte 0x%02x behind the escape byte 0x%02x (expected: a code)".formatted(code, this.escape));
		}
		return (byte) value;
	}

	/** Replaces in place; returns the new end. What stands behind moves along. */
	int escape(ByteBuf buffer, int from, int end) {
		int more = 0;
		for (int i = from; i < end; i++) {
			more += (this.codes[buffer.getUnsignedByte(i)] != NONE) ? 1 : 0;
		}
		if (more == 0) {
			return end;
		}
		int written = buffer.writerIndex();
		buffer.writeZero(more);
		for (int i = written - 1, to = i + more; to > i; i--) {
			int value = buffer.getUnsignedByte(i);
			int code = (i < end) ? this.codes[value] : NONE;
			buffer.setByte(to--, (code != NONE) ? code : value);
			if (code != NONE) {
				buffer.setByte(to--, this.escape);
			}
		}
		return end + more;
	}

	/** Undoes {@link #escape}, but leaves alone what stands behind. */
	int unescape(ByteBuf buffer, int from, int end) {
		int to = from;
		for (int i = from; i < end; i++) {
			byte value = buffer.getByte(i);
			if (isEscape(value)) {
				i++;
				value = value(buffer.getByte(i));
			}
			if (to < i) {
				buffer.setByte(to, value);
			}
			to++;
		}
		return to;
	}

	@Override
	public String toString() {
		return "Escaping[0x%02x]".formatted(this.escape);
	}

}
