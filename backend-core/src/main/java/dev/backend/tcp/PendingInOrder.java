package dev.backend.tcp;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Pending requests of a protocol without ids: the n-th reply belongs to the n-th request.
 * One that timed out or was cancelled keeps its place as a mark, so that later replies
 * stay matched; so does the reply to a message that was not sent as a request.
 *
 * @param <M> the type of the messages
 */
final class PendingInOrder<M> extends PendingRequests<M> {

	private final Deque<RequestFuture<M>> requests = new ArrayDeque<>(1);

	/** Stands for every reply that nobody waits for. */
	private @Nullable RequestFuture<M> unawaited;

	@Override
	int size() {
		return this.requests.size();
	}

	@Override
	boolean add(RequestFuture<M> request) {
		this.requests.addLast(request);
		return true;
	}

	@Override
	void addUnawaited() {
		if (this.unawaited == null) {
			this.unawaited = RequestFuture.unawaited();
		}
		this.requests.addLast(this.unawaited);
	}

	@Override
	boolean isUnawaited(RequestFuture<M> request) {
		return request == this.unawaited;
	}

	@Override
	void removeLast(RequestFuture<M> request) {
		this.requests.removeLast();
	}

	@Override
	@Nullable RequestFuture<M> remove(@Nullable Object id) {
		return this.requests.pollFirst();
	}

	@Override
	@Nullable RequestFuture<M> remove(long id) {
		return this.requests.pollFirst();
	}

	@Override
	long expire(long now, Consumer<RequestFuture<M>> expired) {
		long next = Long.MAX_VALUE;
		for (RequestFuture<M> request : this.requests) {
			if (!request.isDone()) {
				long left = request.deadline() - now;
				if (left <= 0) {
					expired.accept(request);
				}
				else {
					next = Math.min(next, left);
				}
			}
		}
		return next;
	}

	@Override
	void clear(Consumer<RequestFuture<M>> action) {
		RequestFuture<M> request;
		while ((request = this.requests.pollFirst()) != null) {
			action.accept(request);
		}
	}

}
