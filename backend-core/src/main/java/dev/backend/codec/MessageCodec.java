package dev.backend.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * How the messages of a protocol become bytes and back. One codec serves every connection
 * of a backend: it is stateless and safe for use by several threads; state of a service
 * belongs into its info object. Only {@link #encode} and {@link #decode} are needed; the
 * others add requests, log levels and ordering by key.
 *
 * <p>
 * Methods run on the event loops of connections and must not block.
 *
 * @param <M> the type of the messages, both ways
 */
public interface MessageCodec<M> {

	/**
	 * Appends the bytes of a message.
	 * @param message the message
	 * @param out the buffer to append to; what stands before its writer index belongs to
	 * others
	 * @throws Exception if the message cannot be encoded; nothing of it is sent, and the
	 * connection goes on
	 */
	void encode(M message, ByteBuf out) throws Exception;

	/**
	 * Takes one message from the front of what has arrived. There are four outcomes:
	 * <ul>
	 * <li>a message: returned, its bytes consumed (the reader index moved behind them);
	 * <li>more bytes are needed: {@code null}, and the reader index as it was;
	 * <li>bytes to be skipped, such as padding: {@code null}, and the reader index moved
	 * behind them; decoding goes on at once;
	 * <li>the bytes are not of this protocol: an exception, which closes the connection
	 * and opens a new one.
	 * </ul>
	 * The buffer belongs to the caller: what a message keeps must be copied out of it.
	 * @param in the bytes that have arrived and are not consumed yet; at least one
	 * @return the message, or {@code null}
	 * @throws Exception if the bytes violate the protocol
	 */
	@Nullable M decode(ByteBuf in) throws Exception;

	/**
	 * Returns how replies find their requests.
	 * @return by default {@link Correlation#BY_ID}
	 */
	default Correlation correlation() {
		return Correlation.BY_ID;
	}

	/**
	 * Returns the id by which the reply to a message will be known. {@link Long} and
	 * {@link Integer} ids are the fastest, and equal to each other by value.
	 * @param message a message about to be sent as a request
	 * @return the id, or {@code null} if the message has none
	 */
	default @Nullable Object requestId(M message) {
		return null;
	}

	/**
	 * Returns the id of the request to which an arrived message is the reply.
	 * @param message the message
	 * @return the id, or {@code null} if the message is not a reply
	 */
	default @Nullable Object responseId(M message) {
		return null;
	}

	/**
	 * Returns whether an arrived message was sent by the peer on its own account. Only
	 * asked with {@link Correlation#IN_ORDER}, where any other message is taken as the
	 * reply to the oldest request.
	 * @param message the message
	 * @return by default {@code false}
	 */
	default boolean isPush(M message) {
		return false;
	}

	/** How replies find their requests. */
	enum Correlation {

		/** By the ids that {@link #requestId} and {@link #responseId} return. */
		BY_ID,

		/** By order: the n-th reply belongs to the n-th request of the connection. */
		IN_ORDER

	}

}
