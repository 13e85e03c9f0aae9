package dev.backend.codec;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;

/** Numbers of seven bits per byte, the lowest first. */
final class VarintFormat extends FieldFormat {

	private static final int BITS = 7;

	private final int mostBytes;

	VarintFormat(int mostBytes) {
		this.mostBytes = SettingChecks.inRange("mostBytes", mostBytes, 1, 9);
	}

	@Override
	int mostBytes() {
		return this.mostBytes;
	}

	@Override
	boolean fixed() {
		return false;
	}

	@Override
	long largest() {
		return Long.MAX_VALUE >>> (Long.SIZE - 1 - BITS * this.mostBytes);
	}

	@Override
	int bytes(long value) {
		return 1 + (Long.SIZE - 1 - Long.numberOfLeadingZeros(value | 1)) / BITS;
	}

	@Override
	int bytes(ByteBuf buffer, int index, int available) {
		for (int i = 0; i < Math.min(available, this.mostBytes); i++) {
			if (buffer.getByte(index + i) >= 0) {
				return i + 1;
			}
		}
		if (available >= this.mostBytes) {
			throw new CodecException(
					"varint of more than %d bytes (expected: at most %d)".formatted(this.mostBytes, this.mostBytes));
		}
		return 0;
	}

	@Override
	long get(ByteBuf buffer, int index, int bytes) {
		long value = 0;
		for (int i = 0; i < bytes; i++) {
			value |= (buffer.getByte(index + i) & 0x7fL) << (BITS * i);
		}
		return value;
	}

	@Override
	void set(ByteBuf buffer, int index, int bytes, long value) {
		for (int i = 0; i < bytes; i++) {
			int part = (int) (value >>> (BITS * i)) & 0x7f;
			buffer.setByte(index + i, (i < bytes - 1) ? part | 0x80 : part);
		}
	}

	@Override
	public String toString() {
		return "varint " + this.mostBytes;
	}

}
