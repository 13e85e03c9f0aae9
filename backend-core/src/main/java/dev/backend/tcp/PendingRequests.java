package dev.backend.tcp;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The written requests of one connection that wait for their replies. Event loop only.
 *
 * <p>
 * A request leaves in one of three ways. Its reply {@linkplain #remove comes}. It is
 * given up, because its deadline {@linkplain #expire passes} or its caller
 * {@linkplain #giveUp ends it}: then a reply may still come, and must not meet a younger
 * request. Or it is known that no reply {@linkplain #release will come}: then nothing of
 * it is left.
 *
 * @param <M> the type of the messages
 */
abstract sealed class PendingRequests<M> permits PendingById, PendingInOrder {

	/** The number of requests and marks that are held; roughly, for other threads. */
	abstract int size();

	/**
	 * Adds a request.
	 * @param request the request, not written yet
	 * @param now the present time, by {@link System#nanoTime()}
	 * @return {@code false} if one with its id is there already, or its id is in
	 * quarantine
	 */
	abstract boolean add(RequestFuture<M> request, long now);

	/**
	 * Gives a request an id that is free, and adds it.
	 * @param request the request, without an id
	 * @param bits the width of the id
	 * @param now the present time
	 * @return {@code false} if none is free
	 */
	boolean addWithNewId(RequestFuture<M> request, int bits, long now) {
		throw new IllegalStateException("replies come in order");
	}

	/**
	 * Returns for how long the id of a request is in quarantine.
	 * @param request a request that was not added
	 * @param now the present time
	 * @return the nanoseconds, or zero if it is not
	 */
	long quarantined(RequestFuture<M> request, long now) {
		return 0;
	}

	/** How many ids are in quarantine. */
	int quarantined() {
		return 0;
	}

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
	 * Removes the request of a reply, or frees the id of one that was given up.
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
	 * Gives up every request whose deadline has come.
	 * @param now the present time
	 * @param settings the present settings
	 * @param expired completes the request, if that is not done yet
	 * @return the nanoseconds until there may be something to do again,
	 * {@link Long#MAX_VALUE} if there is nothing
	 */
	abstract long expire(long now, TcpSettings settings, Consumer<RequestFuture<M>> expired);

	/**
	 * Gives up a request that its caller has ended. Without effect if it is not here any
	 * more.
	 * @param request the request
	 * @param now the present time
	 * @param settings the present settings
	 */
	abstract void giveUp(RequestFuture<M> request, long now, TcpSettings settings);

	/**
	 * Removes a request to which no reply will come, because it is not written after all,
	 * or because it is known so. Without effect if it is not here any more.
	 * @param request the request
	 */
	abstract void release(RequestFuture<M> request);

	/**
	 * Removes all.
	 * @param action takes each
	 */
	abstract void clear(Consumer<RequestFuture<M>> action);

	static <M> @Nullable RequestFuture<M> nextOf(RequestFuture<M> request) {
		return (RequestFuture<M>) request.next();
	}

}
