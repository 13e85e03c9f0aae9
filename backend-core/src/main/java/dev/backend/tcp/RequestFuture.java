package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * A request on its way: the future that the caller holds, the node of the
 * {@link OutboundQueue}, and then the entry of {@link PendingRequests}. One object for
 * the three keeps the cost of a request near that of its future.
 *
 * @param <M> the type of the messages
 */
sealed class RequestFuture<M> extends ReplyFuture<M> implements Outbound<M> permits ObservedRequest {

	private final long deadline;

	private final long numericId;

	/** The message; with an id that is no integer, both; nothing once encoded. */
	private @Nullable Object content;

	private @Nullable Outbound<M> next;

	private int depth;

	/**
	 * Creates a request.
	 * @param id the id of the reply, or {@code null} if replies come in order
	 * @param message the message
	 * @param deadline when it times out, by {@link System#nanoTime()}
	 */
	RequestFuture(@Nullable Object id, @Nullable M message, long deadline) {
		boolean numeric = id != null && RequestIds.isNumeric(id);
		this.content = (id == null || numeric) ? message : new Identified(message, id);
		this.numericId = (id != null && numeric) ? RequestIds.numeric(id) : 0;
		this.deadline = deadline;
	}

	/**
	 * Creates what stands for the reply to a message that was not sent as a request.
	 * @param <M> the type of the messages
	 * @return a request that is done
	 */
	static <M> RequestFuture<M> unawaited() {
		RequestFuture<M> request = new RequestFuture<>(null, null, 0);
		request.cancel(false);
		return request;
	}

	long deadline() {
		return this.deadline;
	}

	long numericId() {
		return this.numericId;
	}

	/** The id, if it is not a number; only until {@link #written()}. */
	@Nullable Object objectId() {
		return (this.content instanceof Identified identified) ? identified.id() : null;
	}

	@SuppressWarnings("unchecked")
	M message() {
		Object content = this.content;
		Object message = (content instanceof Identified identified) ? identified.message() : content;
		if (message == null) {
			throw new IllegalStateException("request is written already");
		}
		return (M) message;
	}

	/**
	 * Ends this request with its reply.
	 * @param reply the reply
	 * @return whether it had not ended before
	 */
	boolean reply(M reply) {
		return complete(reply);
	}

	/** Lets go of the message. */
	void written() {
		this.content = null;
	}

	@Override
	public @Nullable Outbound<M> next() {
		return this.next;
	}

	@Override
	public void next(@Nullable Outbound<M> next) {
		this.next = next;
	}

	@Override
	public int depth() {
		return this.depth;
	}

	@Override
	public void depth(int depth) {
		this.depth = depth;
	}

	private record Identified(@Nullable Object message, Object id) {
	}

}
