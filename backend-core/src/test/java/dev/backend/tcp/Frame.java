package dev.backend.tcp;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The messages of the tests: a length, a kind, an id and text.
 */
record Frame(char kind, long id, String text) {

	static final char REQUEST = 'q';

	static final char REPLY = 'r';

	static final char PUSH = 'p';

	static Frame request(long id, String text) {
		return new Frame(REQUEST, id, text);
	}

	static Frame push(String text) {
		return new Frame(PUSH, 0, text);
	}

	Frame reply(String text) {
		return new Frame(REPLY, this.id, text);
	}

	static void write(Frame frame, ByteBuf out) {
		byte[] text = frame.text.getBytes(StandardCharsets.UTF_8);
		out.writeInt(9 + text.length).writeByte(frame.kind).writeLong(frame.id).writeBytes(text);
	}

	static @Nullable Frame read(ByteBuf in) {
		if (in.readableBytes() < 4 || in.readableBytes() < 4 + in.getInt(in.readerIndex())) {
			return null;
		}
		int length = in.readInt();
		if (length < 9) {
			throw new CodecException("length: %d (expected: at least 9)".formatted(length));
		}
		return new Frame((char) in.readByte(), in.readLong(),
				in.readCharSequence(length - 9, StandardCharsets.UTF_8).toString());
	}

	static class Codec implements MessageCodec<Frame> {

		@Override
		public void encode(Frame message, ByteBuf out) throws Exception {
			write(message, out);
		}

		@Override
		public @Nullable Frame decode(ByteBuf in) throws Exception {
			return read(in);
		}

		@Override
		public @Nullable Object requestId(Frame message) {
			return (message.kind == REQUEST) ? message.id : null;
		}

		@Override
		public @Nullable Object responseId(Frame message) {
			return (message.kind == REPLY) ? message.id : null;
		}

	}

}
