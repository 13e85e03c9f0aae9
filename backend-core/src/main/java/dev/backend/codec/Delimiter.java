package dev.backend.codec;

import io.netty.buffer.ByteBuf;

/** Some bytes that are looked for. */
final class Delimiter {

	private final byte[] bytes;

	Delimiter(byte[] bytes) {
		this.bytes = bytes;
	}

	int length() {
		return this.bytes.length;
	}

	byte first() {
		return this.bytes[0];
	}

	/** Looks for the last byte, which Netty does in words, then compares the others. */
	int indexIn(ByteBuf buffer, int start, int end) {
		int others = this.bytes.length - 1;
		byte last = this.bytes[others];
		for (int from = start + others; from < end; from++) {
			from = buffer.indexOf(from, end, last);
			if (from < 0) {
				return -1;
			}
			if (begins(buffer, from - others, others)) {
				return from - others;
			}
		}
		return -1;
	}

	/** Whether so many bytes of it stand at an index. */
	boolean begins(ByteBuf buffer, int index, int bytes) {
		for (int i = 0; i < bytes; i++) {
			if (buffer.getByte(index + i) != this.bytes[i]) {
				return false;
			}
		}
		return true;
	}

}
