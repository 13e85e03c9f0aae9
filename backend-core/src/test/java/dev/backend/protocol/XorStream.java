package dev.backend.protocol;

import io.netty.buffer.ByteBuf;

final class XorStream {

	private final byte[] key;

	private int position;

	XorStream(byte[] key) {
		this.key = key;
	}

	void apply(ByteBuf bytes, int from, int to) {
		for (int i = from; i < to; i++) {
			bytes.setByte(i, bytes.getByte(i) ^ this.key[this.position]);
			this.position = (this.position + 1) % this.key.length;
		}
	}

}
