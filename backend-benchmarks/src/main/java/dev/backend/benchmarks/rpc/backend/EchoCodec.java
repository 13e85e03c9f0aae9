package dev.backend.benchmarks.rpc.backend;

import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The frames of the echo server: a length that covers the rest, an id, the body.
 */
public final class EchoCodec implements MessageCodec<EchoMessage> {

	@Override
	public void encode(EchoMessage message, ByteBuf out) {
		out.writeInt(Long.BYTES + message.body().length).writeLong(message.id()).writeBytes(message.body());
	}

	@Override
	public @Nullable EchoMessage decode(ByteBuf in) {
		if (in.readableBytes() < Integer.BYTES) {
			return null;
		}
		int length = in.getInt(in.readerIndex());
		if (in.readableBytes() < Integer.BYTES + length) {
			return null;
		}
		in.skipBytes(Integer.BYTES);
		long id = in.readLong();
		byte[] body = new byte[length - Long.BYTES];
		in.readBytes(body);
		return new EchoMessage(id, body);
	}

	@Override
	public Object requestId(EchoMessage message) {
		return message.id();
	}

	@Override
	public Object responseId(EchoMessage message) {
		return message.id();
	}

}
