package dev.backend.autoconfigure.support;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

public class LineCodec implements MessageCodec<Line> {

	@Override
	public void encode(Line message, ByteBuf out) {
		out.writeCharSequence(message.id() + " " + message.text() + "\n", StandardCharsets.UTF_8);
	}

	@Override
	public @Nullable Line decode(ByteBuf in) {
		int length = in.bytesBefore((byte) '\n');
		if (length < 0) {
			return null;
		}
		String line = in.readCharSequence(length, StandardCharsets.UTF_8).toString();
		in.skipBytes(1);
		int blank = line.indexOf(' ');
		if (blank < 0) {
			throw new CodecException("line '%s' (expected: an id and a text)".formatted(line));
		}
		return new Line(Long.parseLong(line.substring(0, blank)), line.substring(blank + 1));
	}

	@Override
	public @Nullable Object requestId(Line message) {
		return message.id();
	}

	@Override
	public @Nullable Object responseId(Line message) {
		return (message.id() != 0) ? message.id() : null;
	}

}
