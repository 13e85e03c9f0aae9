package dev.backend.tcp;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The requests that a sweep has taken out, chained through themselves. They end when the
 * sweep is over: what depends on them may change what was swept.
 *
 * @param <M> the type of the messages
 */
final class DueRequests<M> {

	private @Nullable RequestFuture<M> first;

	private @Nullable RequestFuture<M> last;

	/** Takes a request that is in no other chain. */
	void add(RequestFuture<M> request) {
		if (this.last != null) {
			this.last.next(request);
		}
		else {
			this.first = request;
		}
		this.last = request;
	}

	void forEach(Consumer<RequestFuture<M>> action) {
		RequestFuture<M> request = this.first;
		while (request != null) {
			RequestFuture<M> next = PendingRequests.nextOf(request);
			request.next(null);
			action.accept(request);
			request = next;
		}
	}

}
