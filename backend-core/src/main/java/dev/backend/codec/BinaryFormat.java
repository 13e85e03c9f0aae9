package dev.backend.codec;

import java.nio.ByteOrder;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;

/** Numbers of 1 to 8 bytes. */
final class BinaryFormat extends FieldFormat {

	private final int bytes;

	private final ByteOrder order;

	BinaryFormat(int bytes, ByteOrder order) {
		this.bytes = SettingChecks.inRange("bytes", bytes, 1, Long.BYTES);
		this.order = order;
	}

	@Override
	int mostBytes() {
		return this.bytes;
	}

	@Override
	boolean fixed() {
		return true;
	}

	@Override
	long largest() {
		return LengthField.largest(this.bytes);
	}

	@Override
	int bytes(long value) {
		return this.bytes;
	}

	@Override
	int bytes(ByteBuf buffer, int index, int available) {
		return (available >= this.bytes) ? this.bytes : 0;
	}

	@Override
	long get(ByteBuf buffer, int index, int bytes) {
		return LengthField.get(buffer, index, this.bytes, this.order);
	}

	@Override
	void set(ByteBuf buffer, int index, int bytes, long value) {
		LengthField.set(buffer, index, this.bytes, this.order, value);
	}

	@Override
	public String toString() {
		return (this.order == ByteOrder.BIG_ENDIAN) ? String.valueOf(this.bytes) : this.bytes + " little endian";
	}

}
