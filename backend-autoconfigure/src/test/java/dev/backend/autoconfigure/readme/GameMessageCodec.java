package dev.backend.autoconfigure.readme;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

@Component
class GameMessageCodec implements MessageCodec<GameMessage> {

	@Override
	public void encode(GameMessage message, ByteBuf out) {
		byte[] text = message.text().getBytes(StandardCharsets.UTF_8);
		out.writeInt(8 + text.length).writeLong(message.id()).writeBytes(text);
	}

	@Override
	public @Nullable GameMessage decode(ByteBuf in) {
		if (in.readableBytes() < 4 || in.readableBytes() - 4 < in.getInt(in.readerIndex())) {
			return null; // more bytes are needed
		}
		int length = in.readInt();
		return new GameMessage(in.readLong(), in.readString(length - 8, StandardCharsets.UTF_8));
	}

	@Override
	public Object requestId(GameMessage message) {
		return message.id();
	}

	@Override
	public @Nullable Object responseId(GameMessage message) {
		return (message.id() != 0) ? message.id() : null;
	}

}
