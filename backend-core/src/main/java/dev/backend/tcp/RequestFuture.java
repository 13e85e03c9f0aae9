package dev.backend.tcp;

import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.backend.NoReplyException;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way: the future that the caller holds, the node of the
 * {@link OutboundQueue}, and then the entry of {@link PendingRequests}. One object for
 * the three keeps the cost of a request near that of its future.
 *
 * <p>
 * <b>Who ends it.</b> A connection, by {@link #reply} and {@link #fail}, when it has
 * taken the request out of what is pending. Or the caller, by any public method of the
 * future: then what was written is still pending, and the link is told, so that it can
 * give the request up. Before it is written there is nothing to be told: the link looks
 * before it writes. {@link WrittenRequests} says why nothing is missed between the two.
 *
 * @param <M> the type of the messages
 */
class RequestFuture<M> extends ReplyFuture<M> implements Outbound<M> {

	private final long deadline;

	/**
	 * The id that is a number. Once this is pending, also the hash code of any other id,
	 * or without ids the place among the pending requests.
	 */
	private long number;

	/**
	 * The message, and once that is written the link; {@link Identified} with that in it
	 * if the id is no number; nothing when a connection has ended this request.
	 */
	private @Nullable Object content;

	private @Nullable Outbound<M> next;

	private int depth;

	/**
	 * Creates a request.
	 * @param id the id of the reply, or {@code null} if replies come in order or the link
	 * gives the id
	 * @param message the message
	 * @param deadline when it times out, by {@link System#nanoTime()}
	 */
	RequestFuture(@Nullable Object id, @Nullable M message, long deadline) {
		if (id == null) {
			this.content = message;
		}
		else if (RequestIds.isNumeric(id)) {
			this.number = RequestIds.numeric(id);
			this.content = message;
		}
		else {
			this.content = new Identified(message, id);
		}
		this.deadline = deadline;
	}

	/**
	 * Creates what stands for a request that has ended.
	 * @return a request that is done
	 */
	static RequestFuture<?> ended() {
		RequestFuture<?> request = new RequestFuture<>(null, null, 0);
		request.cancel(false);
		return request;
	}

	long deadline() {
		return this.deadline;
	}

	long number() {
		return this.number;
	}

	void number(long number) {
		this.number = number;
	}

	/** The id, if it is not a number. */
	@Nullable Object objectId() {
		return (this.content instanceof Identified identified) ? identified.id : null;
	}

	private @Nullable Object messageOrLink() {
		Object content = this.content;
		return (content instanceof Identified identified) ? identified.content : content;
	}

	@SuppressWarnings("unchecked")
	M message() {
		Object message = messageOrLink();
		if (message == null || message instanceof Writer<?>) {
			throw new IllegalStateException("request is written already");
		}
		return (M) message;
	}

	/**
	 * Lets go of the message.
	 * @param link by which it was written
	 */
	void written(@Nullable Writer<M> link) {
		if (this.content instanceof Identified identified) {
			identified.content = link;
		}
		else {
			this.content = link;
		}
	}

	/**
	 * Ends this request with its reply. It is not pending any more.
	 * @param reply the reply
	 * @return whether it had not ended before
	 */
	boolean reply(M reply) {
		boolean ended = super.complete(reply);
		this.content = null;
		return ended;
	}

	/**
	 * Ends this request with its reply.
	 * @param reply the reply
	 * @param clock the present time, by {@link System#nanoTime()}
	 * @return whether it had not ended before
	 */
	boolean reply(M reply, LongSupplier clock) {
		return reply(reply);
	}

	/**
	 * Ends this request with what keeps its reply from coming. It is not pending any
	 * more.
	 * @param failure why there is no reply
	 * @return whether it had not ended before
	 */
	boolean fail(Throwable failure) {
		boolean ended = super.completeExceptionally(failure);
		this.content = null;
		return ended;
	}

	/** Whether it has ended because no reply will come. */
	boolean endedWithoutReply() {
		return isCompletedExceptionally() && handle((reply, failure) -> failure instanceof NoReplyException).join();
	}

	@Override
	public boolean complete(M value) {
		return super.complete(value) && tellLink();
	}

	@Override
	public boolean completeExceptionally(Throwable failure) {
		return super.completeExceptionally(failure) && tellLink();
	}

	@Override
	public boolean cancel(boolean mayInterruptIfRunning) {
		boolean before = isDone();
		boolean cancelled = super.cancel(mayInterruptIfRunning);
		if (!before) {
			tellLink();
		}
		return cancelled;
	}

	/** By the methods above, where that of the class completes past them. */
	@Override
	public CompletableFuture<M> completeAsync(Supplier<? extends M> supplier, Executor executor) {
		executor.execute(() -> {
			try {
				complete(supplier.get());
			}
			catch (Throwable ex) {
				completeExceptionally(ex);
			}
		});
		return this;
	}

	@Override
	public void obtrudeValue(M value) {
		complete(value);
		super.obtrudeValue(value);
	}

	@Override
	public void obtrudeException(Throwable failure) {
		completeExceptionally(failure);
		super.obtrudeException(failure);
	}

	/** Tells the link, if it has written this request, that the caller has ended it. */
	@SuppressWarnings("unchecked")
	private boolean tellLink() {
		VarHandle.fullFence();
		if (messageOrLink() instanceof Writer<?> link) {
			((Writer<M>) link).ended(this);
		}
		return true;
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

	/** An id that is no number, and the message or the link. */
	private static final class Identified {

		private final Object id;

		private @Nullable Object content;

		Identified(@Nullable Object content, Object id) {
			this.content = content;
			this.id = id;
		}

	}

	/**
	 * By whom a request was written.
	 *
	 * @param <M> the type of the messages
	 */
	interface Writer<M> {

		/** The caller has ended a request that was written. Called by any thread. */
		void ended(RequestFuture<M> request);

	}

}
