package dev.backend.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * Messages that are the bytes of a body. They have no ids: override {@link #requestId}
 * and {@link #responseId}, or {@link #correlation}, to send requests.
 */
public class BytesCodec extends FramedCodec<byte[]> {

	/**
	 * Creates the codec.
	 * @param framing where a frame begins and ends
	 */
	public BytesCodec(Framing framing) {
		super(framing);
	}

	@Override
	protected void encodeBody(byte[] message, ByteBuf out) {
		out.writeBytes(message);
	}

	@Override
	protected byte[] decodeBody(ByteBuf body) {
		return ByteBufUtil.getBytes(body);
	}

}
