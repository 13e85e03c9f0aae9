package dev.backend.sample.protocol;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.sample.protocol.GameMessage.Kind;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/**
 * The frames of the protocol: the length of what follows (4 bytes), the kind (1), the id
 * (8), the server with its length (1 + n) and the text, both in UTF-8.
 */
@Component
public class GameMessageCodec implements MessageCodec<GameMessage> {

	/** The most bytes that a frame has, its length included. */
	public static final int MAXIMUM_FRAME = 64 * 1024;

	private static final int LENGTH_BYTES = Integer.BYTES;

	private static final int HEADER_BYTES = 1 + Long.BYTES + 1;

	private static final Kind[] KINDS = Kind.values();

	@Override
	public void encode(GameMessage message, ByteBuf out) {
		int start = out.writerIndex();
		out.writeInt(0).writeByte(message.kind().ordinal()).writeLong(message.id());
		byte[] server = message.server().getBytes(StandardCharsets.UTF_8);
		out.writeByte(server.length).writeBytes(server);
		out.writeCharSequence(message.text(), StandardCharsets.UTF_8);
		out.setInt(start, out.writerIndex() - start - LENGTH_BYTES);
	}

	@Override
	public @Nullable GameMessage decode(ByteBuf in) {
		if (in.readableBytes() < LENGTH_BYTES) {
			return null;
		}
		int length = in.getInt(in.readerIndex());
		if (length < HEADER_BYTES || length > MAXIMUM_FRAME - LENGTH_BYTES) {
			throw new CodecException("frame length: %d (expected: %d to %d)".formatted(length, HEADER_BYTES,
					MAXIMUM_FRAME - LENGTH_BYTES));
		}
		if (in.readableBytes() < LENGTH_BYTES + length) {
			return null;
		}
		return message(in.skipBytes(LENGTH_BYTES).readSlice(length));
	}

	@Override
	public @Nullable Object requestId(GameMessage message) {
		return message.id();
	}

	@Override
	public @Nullable Object responseId(GameMessage message) {
		return (message.kind() == Kind.REPLY) ? message.id() : null;
	}

	private static GameMessage message(ByteBuf frame) {
		int kind = frame.readUnsignedByte();
		long id = frame.readLong();
		int serverLength = frame.readUnsignedByte();
		if (kind >= KINDS.length || serverLength > frame.readableBytes()) {
			throw new CodecException(
					"frame of kind %d with a server of %d bytes (expected: kind 0 to %d, at most %d bytes)"
						.formatted(kind, serverLength, KINDS.length - 1, frame.readableBytes()));
		}
		String server = frame.readCharSequence(serverLength, StandardCharsets.UTF_8).toString();
		return new GameMessage(KINDS[kind], id, server, frame.toString(StandardCharsets.UTF_8));
	}

}
