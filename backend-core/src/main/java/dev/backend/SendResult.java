package dev.backend;

/**
 * How an attempt to send ended. Only {@link #ACCEPTED} means that the message was queued
 * to be written to the connection; with any other, nothing was or will be written.
 */
public enum SendResult {

	/** Queued on the present connection, in the order of the sender's calls. */
	ACCEPTED("queued"),

	/** The instance has no connection, or is not ready yet. */
	NOT_CONNECTED("not connected"),

	/**
	 * The bound of messages that wait to be encoded is reached
	 * ({@code backend.tcp.limits.queued-messages}).
	 */
	QUEUE_FULL("queue of waiting messages full"),

	/**
	 * The bound of requests without a reply is reached
	 * ({@code backend.tcp.limits.pending-requests}), or all ids that the connection gives
	 * out are pending or in quarantine ({@code backend.tcp.id-quarantine}).
	 */
	TOO_MANY_PENDING("too many pending requests"),

	/**
	 * A request with the same id is pending on this connection, or was given up and may
	 * still be answered ({@code backend.tcp.id-quarantine}).
	 */
	DUPLICATE_REQUEST_ID("duplicate request id"),

	/**
	 * The encoded message is larger than {@code backend.tcp.limits.frame-bytes} allows.
	 * Known at once for bytes and broadcasts; a message is encoded later, on the event
	 * loop, where a request fails with this and a one-way message is dropped, counted and
	 * logged. With a codec of its own, the connection is closed.
	 */
	FRAME_TOO_LARGE("frame too large"),

	/**
	 * The codec could not encode the message. Known when it is encoded, as
	 * {@link #FRAME_TOO_LARGE}.
	 */
	ENCODING_FAILED("encoding failed"),

	/**
	 * All connections of the backend together hold as many bytes as
	 * {@code backend.tcp.limits.total-bytes} allows, and this one holds more than the
	 * share that each may have in any case.
	 */
	TOO_MANY_BYTES("too many bytes wait, of all connections"),

	/**
	 * A batch has more messages than {@code backend.tcp.limits.queued-messages} allows to
	 * wait, or more bytes than {@code backend.tcp.limits.frame-bytes}. The second is
	 * known when it is encoded, as {@link #FRAME_TOO_LARGE}.
	 */
	BATCH_TOO_LARGE("batch too large"),

	/**
	 * Bytes cannot pass by the codec of this connection, which has a state of its own and
	 * must see all that is sent.
	 */
	RAW_BYTES("bytes refused: the codec of the connection must encode what is sent"),

	/** No usable instance was found for the route. */
	NO_INSTANCE("no usable instance");

	private final String description;

	SendResult(String description) {
		this.description = description;
	}

	/**
	 * Returns whether the message was queued.
	 * @return {@code true} for {@link #ACCEPTED}
	 */
	public boolean accepted() {
		return this == ACCEPTED;
	}

	/**
	 * Returns the result in words.
	 * @return a phrase for messages
	 */
	public String description() {
		return this.description;
	}

}
