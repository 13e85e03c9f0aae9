package dev.backend.tcp;

import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Requests that were just written, until it is clear which of them their callers have
 * ended meanwhile.
 *
 * <p>
 * A caller ends a request and then looks whether it says by which link it was written; a
 * link writes it, lets it say so, and then looks whether it has ended. With a full fence
 * between the two steps of each, at least one of them sees the other (E. W. Dijkstra,
 * "Cooperating Sequential Processes", EWD 123, 1965, on Dekker's algorithm). One fence of
 * the link serves {@value #SIZE} requests.
 *
 * @param <M> the type of the messages
 */
final class WrittenRequests<M> {

	private static final int SIZE = 16;

	private final @Nullable RequestFuture<M>[] requests = newRequests();

	private final Consumer<RequestFuture<M>> ended;

	private int count;

	/**
	 * Creates an empty one.
	 * @param ended takes every one that has ended
	 */
	WrittenRequests(Consumer<RequestFuture<M>> ended) {
		this.ended = ended;
	}

	/**
	 * Takes a request that says that it is written.
	 * @param request the request
	 */
	void add(RequestFuture<M> request) {
		this.requests[this.count++] = request;
		if (this.count == SIZE) {
			settle();
		}
	}

	/** Looks at all that are here, and forgets them. */
	void settle() {
		VarHandle.fullFence();
		while (this.count > 0) {
			RequestFuture<M> request = this.requests[--this.count];
			this.requests[this.count] = null;
			if (request != null && request.isDone()) {
				this.ended.accept(request);
			}
		}
	}

	@SuppressWarnings("unchecked")
	private static <M> @Nullable RequestFuture<M>[] newRequests() {
		return (@Nullable RequestFuture<M>[]) new RequestFuture<?>[SIZE];
	}

}
