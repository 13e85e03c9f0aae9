package dev.backend.tcp;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The written requests of one connection that wait for their replies. Event loop only.
 *
 * @param <M> the type of the messages
 */
abstract sealed class PendingRequests<M> permits PendingById, PendingInOrder {

	/** The number of requests and marks that are held. */
	abstract int size();

	/**
	 * Adds a request.
	 * @param request the request, not written yet
	 * @return {@code false} if one with its id is there already
	 */
	abstract boolean add(RequestFuture<M> request);

	/**
	 * Keeps a place for a reply that nobody waits for.
	 */
	void addUnawaited() {
		throw new IllegalStateException("replies come by id");
	}

	/**
	 * Returns whether a reply came for which nobody waits.
	 * @param request what {@link #remove} returned
	 */
	boolean isUnawaited(RequestFuture<M> request) {
		return false;
	}

	/**
	 * Takes back the request that was added last.
	 * @param request the request
	 */
	abstract void removeLast(RequestFuture<M> request);

	/**
	 * Removes the request of a reply.
	 * @param id the id of the reply, or {@code null} if replies come in order
	 * @return the request, or {@code null} if there is none
	 */
	abstract @Nullable RequestFuture<M> remove(@Nullable Object id);

	/**
	 * Removes the request of a reply whose id is a whole number. Apart from the others,
	 * so that the id needs no object on its way here.
	 * @param id the id of the reply
	 * @return the request, or {@code null} if there is none
	 */
	abstract @Nullable RequestFuture<M> remove(long id);

	/**
	 * Hands over every request whose deadline has come.
	 * @param now the present time, by {@link System#nanoTime()}
	 * @param expired completes the request, if that is not done yet
	 * @return the nanoseconds until the next deadline, {@link Long#MAX_VALUE} if there is
	 * none
	 */
	abstract long expire(long now, Consumer<RequestFuture<M>> expired);

	/**
	 * Removes all.
	 * @param action takes each
	 */
	abstract void clear(Consumer<RequestFuture<M>> action);

	static <M> @Nullable RequestFuture<M> nextOf(RequestFuture<M> request) {
		return (RequestFuture<M>) request.next();
	}

}
