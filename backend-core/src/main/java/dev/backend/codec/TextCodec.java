package dev.backend.codec;

import java.nio.charset.Charset;

import io.netty.buffer.ByteBuf;

/**
 * Messages that are the text of a body. They have no ids: override {@link #requestId} and
 * {@link #responseId}, or {@link #correlation}, to send requests.
 *
 * <p>
 * Characters that the charset does not have, and bytes that it does not allow, are
 * replaced, as {@link String} does.
 */
public class TextCodec extends FramedCodec<String> {

	private final Charset charset;

	/**
	 * Creates the codec.
	 * @param framing where a frame begins and ends
	 * @param charset how the text is encoded
	 */
	public TextCodec(Framing framing, Charset charset) {
		super(framing);
		this.charset = charset;
	}

	@Override
	protected void encodeBody(String message, ByteBuf out) {
		out.writeCharSequence(message, this.charset);
	}

	@Override
	protected String decodeBody(ByteBuf body) {
		return body.toString(this.charset);
	}

}
