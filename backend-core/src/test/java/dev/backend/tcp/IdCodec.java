package dev.backend.tcp;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames whose ids the connection gives out; each connection has a codec of its own.
 */
final class IdCodec extends Frame.Codec {

	private final int bits;

	IdCodec(int bits) {
		this.bits = bits;
	}

	@Override
	public int idBits() {
		return this.bits;
	}

	@Override
	public @Nullable Object requestId(Frame message) {
		throw new IllegalStateException("not asked for");
	}

	@Override
	public void encode(Frame message, long id, ByteBuf out) throws Exception {
		throw new IllegalStateException("that of the connection does");
	}

	@Override
	public MessageCodec<Frame> forConnection(BackendService service) throws Exception {
		return new Frame.Codec() {
			@Override
			public void encode(Frame message, long id, ByteBuf out) throws Exception {
				Frame.write(new Frame(message.kind(), id, message.text()), out);
			}
		};
	}

}
