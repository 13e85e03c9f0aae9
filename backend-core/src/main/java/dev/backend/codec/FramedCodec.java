package dev.backend.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A codec whose messages are the bodies of frames. A subclass says what a body is, and
 * whatever else of {@link MessageCodec} its protocol has: ids, order, heartbeat.
 *
 * <p>
 * Like every codec it serves all connections, and is stateless and safe for use by
 * several threads then; or makes one for each by {@link #forConnection}. A body is
 * decoded once, when all of it is there.
 *
 * <p>
 * {@code encode} and {@code decode} are not to be overridden. They are not final because
 * a proxy, such as that of an aspect or of a scope, could not pass on their calls then.
 *
 * @param <M> the type of the messages, both ways
 */
public abstract class FramedCodec<M> implements MessageCodec<M> {

	private final Framing framing;

	/**
	 * Creates the codec.
	 * @param framing where a frame begins and ends
	 */
	protected FramedCodec(Framing framing) {
		this.framing = framing;
	}

	/**
	 * Appends the body of a message. Called by {@link #encode}, on its thread.
	 * @param message the message
	 * @param out the buffer to append to; what stands before its writer index belongs to
	 * others
	 * @throws Exception if the message cannot be encoded; nothing of it is sent. The
	 * connection goes on, unless this codec is its own
	 */
	protected abstract void encodeBody(M message, ByteBuf out) throws Exception;

	/**
	 * Appends the body of a request with the id that the connection gives it. Called by
	 * {@link #encode(Object, long, ByteBuf)}, on its thread, where {@link #idBits()} is
	 * not zero; needed then.
	 * @param message the message
	 * @param id the id, from 1 on; with 64 bits, a number without a sign
	 * @param out the buffer to append to, as above
	 * @throws Exception if the message cannot be encoded, as above
	 */
	protected void encodeBody(M message, long id, ByteBuf out) throws Exception {
		throw new UnsupportedOperationException(
				"%s.idBits(): %d (expected: then also an encodeBody(message, id, out) of its own)"
					.formatted(getClass().getName(), idBits()));
	}

	/**
	 * Reads a message from a body. Called by {@link #decode(ByteBuf)}, on the event loop.
	 * @param body the whole body and nothing else, from index 0; a view that is valid
	 * during this call: what the message keeps must be copied out of it. What is left
	 * unread is skipped
	 * @return the message, or {@code null} to skip the frame
	 * @throws Exception if the body is not of this protocol, which closes the connection
	 * and opens a new one
	 */
	protected abstract @Nullable M decodeBody(ByteBuf body) throws Exception;

	@Override
	public void encode(M message, ByteBuf out) throws Exception {
		int start = out.writerIndex();
		this.framing.begin(out);
		encodeBody(message, out);
		this.framing.end(out, start);
	}

	@Override
	public void encode(M message, long id, ByteBuf out) throws Exception {
		int start = out.writerIndex();
		this.framing.begin(out);
		encodeBody(message, id, out);
		this.framing.end(out, start);
	}

	@Override
	public @Nullable M decode(ByteBuf in) throws Exception {
		return decode(in, 0);
	}

	@Override
	public @Nullable M decode(ByteBuf in, int examined) throws Exception {
		ByteBuf body = this.framing.next(in, examined);
		return (body != null) ? decodeBody(body) : null;
	}

}
