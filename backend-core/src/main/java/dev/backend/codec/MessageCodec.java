package dev.backend.codec;

import dev.backend.BackendService;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * How the messages of a protocol become bytes and back. Only {@link #encode} and
 * {@link #decode} are needed; the others add requests, heartbeats, log levels and
 * ordering by key.
 *
 * <p>
 * <b>Whose method.</b> The codec that a backend was built with is the backend's. By
 * default it is also that of every connection: it is stateless and safe for use by
 * several threads. Where bytes depend on what went before them on a connection, as with a
 * cipher, a compression or sequence numbers, {@link #forConnection} makes a codec for
 * each. That one encodes, decodes, makes heartbeats and is asked for {@link #responseId},
 * {@link #unanswered}, {@link #isPush} and {@link #expectsReply}. The backend's does the
 * rest: {@link #correlation}, {@link #idBits}, {@link #requestId}, {@link #orderKey},
 * {@link #messageId}, and the ids of traces, if it is a {@link TraceCarrier}.
 *
 * <p>
 * <b>Threads.</b> Methods run on the event loop of the connection and must not block.
 * There are two exceptions. The backend's {@link #requestId} runs on the thread of the
 * caller. A broadcast is encoded once for all connections without a codec of their own,
 * by the backend's, on the thread of the caller: {@link #encode}, {@link #expectsReply}
 * and {@link #messageId}.
 *
 * @param <M> the type of the messages, both ways
 */
public interface MessageCodec<M> {

	/**
	 * Appends the bytes of a message. The connection's, on the event loop; the backend's
	 * for broadcasts, on the thread of the caller. What it appends is written, unless it
	 * throws or exceeds the bound of a frame.
	 * @param message the message
	 * @param out the buffer to append to; what stands before its writer index belongs to
	 * others
	 * @throws Exception if the message cannot be encoded; nothing of it is sent. The
	 * connection goes on, unless this codec is its own
	 */
	void encode(M message, ByteBuf out) throws Exception;

	/**
	 * Appends the bytes of a request with the id that the connection gives it. Called in
	 * place of the other one for every request where {@link #idBits()} is not zero; a
	 * message without a reply has no id, and goes by the other one. The connection's, on
	 * the event loop.
	 * @param message the message
	 * @param id the id, from 1 on; with 64 bits, a number without a sign
	 * @param out the buffer to append to, as above
	 * @throws Exception if the message cannot be encoded, as above
	 */
	default void encode(M message, long id, ByteBuf out) throws Exception {
		throw new UnsupportedOperationException(
				"%s.idBits(): %d (expected: then also an encode(message, id, out) of its own)"
					.formatted(getClass().getName(), idBits()));
	}

	/**
	 * Takes one message from the front of what has arrived. The connection's, on the
	 * event loop. There are four outcomes:
	 * <ul>
	 * <li>a message: returned, its bytes consumed (the reader index moved behind them);
	 * <li>more bytes are needed: {@code null}, and the reader index as it was;
	 * <li>bytes to be skipped, such as padding: {@code null}, and the reader index moved
	 * behind them; decoding goes on at once;
	 * <li>the bytes are not of this protocol: an exception, which closes the connection
	 * and opens a new one.
	 * </ul>
	 * The buffer belongs to the caller: what a message keeps must be copied out of it.
	 * The bytes that can be read may be changed in place, as by a cipher; those that are
	 * not consumed are given again as they were left, first, with what has arrived since.
	 * So a codec of a connection's own may keep its place: how many of them it has read,
	 * and what they say, as of arrays within arrays. It leaves them until the message is
	 * complete; the bound of a frame holds as for any other. It may also skip the begin
	 * of a message that it has copied, and return the message with its last byte; how
	 * much it keeps is its own to bound then.
	 * @param in the bytes that have arrived and are not consumed yet; at least one
	 * @return the message, or {@code null}
	 * @throws Exception if the bytes violate the protocol
	 */
	@Nullable M decode(ByteBuf in) throws Exception;

	/**
	 * Does what {@link #decode(ByteBuf)} does, and is told what an earlier call has seen
	 * already. The connection's, on the event loop. Connections call it in place of the
	 * other where that is something; by default it calls the other. Override it where the
	 * end of a message has to be searched for: a long message that arrives in small
	 * pieces would be searched from its begin at each of them.
	 * @param in the bytes that have arrived and are not consumed yet; at least one
	 * @param examined how many of them, from the first on, the call before this one was
	 * given and needed more than; at least one
	 * @return the message, or {@code null}
	 * @throws Exception if the bytes violate the protocol
	 */
	default @Nullable M decode(ByteBuf in, int examined) throws Exception {
		return decode(in);
	}

	/**
	 * Makes the codec of a connection that has come up; the connections of a service have
	 * one after another. The backend's, on the event loop of the connection. That thread
	 * alone calls what it makes, so that its state needs no lock.
	 * <p>
	 * A codec of a connection's own sees all that is sent. So bytes are refused
	 * ({@link dev.backend.SendResult#RAW_BYTES}), a broadcast is encoded by each
	 * connection, and the connection is closed if a message cannot be encoded or is too
	 * large: its state may be ahead of the peer's. What stood before that message is
	 * written, and nothing behind it.
	 * <p>
	 * If it is {@link AutoCloseable}, it is closed when its connection has ended: once,
	 * on the event loop, behind the last of its other calls. What that throws is logged.
	 * The codec of the backend is not closed.
	 * @param service the service, for example for its metadata
	 * @return by default this codec, which is then taken to have no state of a
	 * connection. Any other is taken to have one
	 * @throws Exception if there can be none; the attempt to connect fails with that, and
	 * is repeated after a back-off
	 */
	default MessageCodec<M> forConnection(BackendService service) throws Exception {
		return this;
	}

	/**
	 * Returns how replies find their requests. The backend's, on any thread; always the
	 * same.
	 * @return by default {@link Correlation#BY_ID}
	 */
	default Correlation correlation() {
		return Correlation.BY_ID;
	}

	/**
	 * Returns how wide the id field of the protocol is, if connections are to give out
	 * the ids. A request then gets one as it is encoded, by
	 * {@link #encode(Object, long, ByteBuf)}: from 1 to the largest of that width, and
	 * then anew, without those that are pending or in quarantine. Zero is never given
	 * out: it is left for messages without a reply. {@link #requestId} is not asked, and
	 * a request that names an id is refused. The backend's, asked once when that is
	 * built.
	 * @return 1 to 64; by default 0: {@link #requestId} and the callers bring the ids,
	 * which is the only way with {@link Correlation#IN_ORDER}
	 */
	default int idBits() {
		return 0;
	}

	/**
	 * Returns the id by which the reply to a message will be known. {@link Long} and
	 * {@link Integer} ids are the fastest, and equal to each other by value. The
	 * backend's, on the thread that makes the request. Only asked where {@link #idBits()}
	 * is zero.
	 * @param message a message about to be sent as a request
	 * @return the id, or {@code null} if the message has none
	 */
	default @Nullable Object requestId(M message) {
		return null;
	}

	/**
	 * Returns the id of the request to which an arrived message is the reply. The
	 * connection's, on the event loop. Only asked with {@link Correlation#BY_ID}. An id
	 * that the connection gave out is returned as the number that
	 * {@link #encode(Object, long, ByteBuf)} was given, not as a negative one of fewer
	 * bits.
	 * @param message the message
	 * @return the id, or {@code null} if the message is not a reply
	 */
	default @Nullable Object responseId(M message) {
		return null;
	}

	/**
	 * Returns whether an arrived message was sent by the peer on its own account. The
	 * connection's, on the event loop, right behind {@link #decode}. Only asked with
	 * {@link Correlation#IN_ORDER}, where any other message is taken as the reply to the
	 * oldest request.
	 * @param message the message
	 * @return by default {@code false}
	 */
	default boolean isPush(M message) {
		return false;
	}

	/**
	 * Says to which requests no reply will come, as an arrived message shows: where the
	 * server leaves out replies, as those to memcached's quiet commands, the next reply
	 * shows that none will come to those before it. The connection's, on the event loop,
	 * for every message: behind {@link #decode}, and before its own request is looked
	 * for. By default it says nothing.
	 * @param message the message that has arrived
	 * @param requests takes which requests end without a reply
	 */
	default void unanswered(M message, Unanswered requests) {
	}

	/**
	 * Returns whether the peer will reply to a message that is sent without waiting for
	 * one. The connection's, on the event loop, before the message is encoded; the
	 * backend's for broadcasts, on the thread of the caller. Only asked with
	 * {@link Correlation#IN_ORDER}: such a reply goes to the handler, and the replies
	 * after it stay matched. Bytes that are sent as they are count as a message without a
	 * reply.
	 * @param message a message that was sent, not as a request
	 * @return by default {@code true}
	 */
	default boolean expectsReply(M message) {
		return true;
	}

	/**
	 * Returns the kind of a message, by which its log level is set. The backend's, on the
	 * event loop; for broadcasts on the thread of the caller. Only asked while messages
	 * are logged.
	 * @param message a message, of either direction
	 * @return for example a command number; its text is the key of the level. By default
	 * {@code null}: the level of all others
	 */
	default @Nullable Object messageId(M message) {
		return null;
	}

	/**
	 * Returns the key within which messages are handled in the order of their arrival.
	 * The backend's, on the event loop. Only asked where the backend dispatches by key. A
	 * message for which this throws is handled alone, in the order of its arrival.
	 * @param message an arrived message that goes to the handler
	 * @return the key, for example a player's id, by its {@code equals} and
	 * {@code hashCode}; must not change any more. {@code null}, the default, if the
	 * message needs no order
	 */
	default @Nullable Object orderKey(M message) {
		return null;
	}

	/**
	 * Returns a message that is sent as a sign of life: when the peer has been silent, to
	 * make it answer, or when nothing was written for some time, so that the peer hears
	 * from this side ({@code TcpLiveness}). It is sent as a message without a reply: what
	 * the peer answers goes to the handler. The connection's, on the event loop, while
	 * the service is ready or draining. What it returns may find no room, as any message,
	 * and is asked for again then: what counts messages, counts in {@link #encode}. If it
	 * throws, or what it returns cannot be encoded, that is logged, and the connection
	 * goes on without heartbeats; with a codec of its own, one that cannot be encoded
	 * closes the connection, as any message does.
	 * @return the message; {@code null}, the default, if there is none
	 */
	default @Nullable M heartbeat() {
		return null;
	}

	/** How replies find their requests. */
	enum Correlation {

		/** By the ids that {@link #requestId} and {@link #responseId} return. */
		BY_ID,

		/** By order: the n-th reply belongs to the n-th request of the connection. */
		IN_ORDER

	}

}
