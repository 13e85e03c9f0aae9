package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * A request on its way: the future that the caller holds, the node of the
 * {@link OutboundQueue}, and then the entry of {@link PendingRequests}. One object for
 * the three keeps the cost of a request near that of its future.
 *
 * @param <M> the type of the messages
 */
final class RequestFuture<M> extends ReplyFuture<M> implements Outbound<M> {

	private final long deadline;

	private final long numericId;

	/** The message; with an id that is no integer, both; nothing once encoded. */
	private @Nullable Object content;

	private @Nullable Outbound<M> next;

	private int depth;

	private RequestFuture(@Nullable Object content, long numericId, long deadline) {
		this.content = content;
		this.numericId = numericId;
		this.deadline = deadline;
	}

	/**
	 * Creates a request.
	 * @param <M> the type of the messages
	 * @param id the id of the reply, or {@code null} if replies come in order
	 * @param message the message
	 * @param deadline when it times out, by {@link System#nanoTime()}
	 * @return the request
	 */
	static <M> RequestFuture<M> of(@Nullable Object id, M message, long deadline) {
		if (id == null) {
			return new RequestFuture<>(message, 0, deadline);
		}
		if (RequestIds.isNumeric(id)) {
			return new RequestFuture<>(message, RequestIds.numeric(id), deadline);
		}
		return new RequestFuture<>(new Identified(message, id), 0, deadline);
	}

	/**
	 * Creates what stands for the reply to a message that was not sent as a request.
	 * @param <M> the type of the messages
	 * @return a request that is done
	 */
	static <M> RequestFuture<M> unawaited() {
		RequestFuture<M> request = new RequestFuture<>(null, 0, 0);
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
