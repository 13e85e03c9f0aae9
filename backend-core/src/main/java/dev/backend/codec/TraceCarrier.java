package dev.backend.codec;

import java.util.Map;

/**
 * A codec whose messages have a place for the ids of a trace, so that what the peer does
 * belongs to the trace of the request, and what a handler does to that of the message.
 * Implemented beside {@link MessageCodec} by codecs of protocols that have such a place.
 *
 * <p>
 * The entries are those of the propagation format in use, such as {@code traceparent} and
 * {@code tracestate} of W3C Trace Context. What they hold when a message arrives was said
 * by the peer.
 *
 * @param <M> the type of the messages
 */
public interface TraceCarrier<M> {

	/**
	 * Puts entries into a message about to be sent as a request. Called by the thread
	 * that makes the request.
	 * @param message the message
	 * @param entries the entries; not empty
	 * @return the message with the entries, a new one or the same; its request id must
	 * not change
	 */
	M inject(M message, Map<String, String> entries);

	/**
	 * Returns the entries of a message that arrived. Called by the thread of the handler.
	 * @param message the message
	 * @return the entries; empty if there are none
	 */
	Map<String, String> extract(M message);

}
