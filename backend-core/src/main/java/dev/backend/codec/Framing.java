package dev.backend.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Where a frame begins and ends in a stream of bytes. A frame holds one body; what a body
 * says is the business of a {@link FramedCodec}, or of a {@link MessageCodec} that calls
 * the methods here itself.
 *
 * <p>
 * One framing serves every connection: it is stateless and safe for use by several
 * threads. Its methods run on event loops and must not block. However the stream is split
 * into buffers, the bodies are the same.
 */
public interface Framing {

	/** The largest frame unless said otherwise, as large as the backend's own bound. */
	int DEFAULT_MAX_FRAME_BYTES = 1024 * 1024;

	/**
	 * Appends what stands before a body. The body is appended next.
	 * @param out the buffer to append to
	 */
	void begin(ByteBuf out);

	/**
	 * Completes a frame whose body has been appended.
	 * @param out the buffer that the frame was appended to
	 * @param start the writer index before {@link #begin}
	 * @throws CodecException if the body cannot be framed: too large, or it contains a
	 * delimiter. The caller takes back what was appended
	 */
	void end(ByteBuf out, int start);

	/**
	 * Takes one frame from the front of what has arrived.
	 * @param in the bytes that have arrived and are not consumed yet
	 * @return the body: a view of these bytes, valid until they are released; or
	 * {@code null} if the frame is not complete, and the reader index as it was
	 * @throws CodecException if the bytes violate the framing; thrown as soon as that can
	 * be seen, without waiting for the rest of the frame
	 */
	@Nullable ByteBuf next(ByteBuf in);

	/**
	 * Does what {@link #next(ByteBuf)} does, and is told what an earlier call has seen
	 * already. Override both where the end of a frame has to be searched for; by default
	 * this one calls the other.
	 * @param in the bytes that have arrived and are not consumed yet
	 * @param examined how many of them, from the first on, an earlier call was given and
	 * found no complete frame in; 0 if there was none
	 * @return the body, or {@code null}
	 * @throws CodecException if the bytes violate the framing
	 */
	default @Nullable ByteBuf next(ByteBuf in, int examined) {
		return next(in);
	}

}
