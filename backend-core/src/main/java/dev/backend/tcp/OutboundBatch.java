package dev.backend.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Messages and requests that are one node of the {@link OutboundQueue}, and count there
 * as many as they are. All of them are written, or none.
 *
 * @param <M> the type of the messages
 */
final class OutboundBatch<M> implements Outbound<M> {

	private final List<Outbound<M>> parts;

	private final List<RequestFuture<M>> requests = new ArrayList<>();

	private @Nullable Outbound<M> next;

	private int depth;

	private boolean ended;

	/**
	 * Creates a batch.
	 * @param parts an {@link OutboundMessage} with a message, or a {@link RequestFuture},
	 * each
	 */
	OutboundBatch(List<Outbound<M>> parts) {
		this.parts = parts;
		for (Outbound<M> part : parts) {
			if (part instanceof RequestFuture<M> request) {
				this.requests.add(request);
			}
		}
	}

	List<Outbound<M>> parts() {
		return this.parts;
	}

	int size() {
		return this.parts.size();
	}

	List<RequestFuture<M>> requests() {
		return this.requests;
	}

	/** The replies, in the order of the requests. */
	List<CompletableFuture<M>> replies() {
		return List.copyOf(this.requests);
	}

	/** How many have no reply that somebody waits for. */
	int oneWays() {
		return this.parts.size() - this.requests.size();
	}

	/**
	 * Returns when the first of the requests times out.
	 * @param now the present time
	 * @return the nanoseconds until then, {@link Long#MAX_VALUE} without a request
	 */
	long untilDeadline(long now) {
		long left = Long.MAX_VALUE;
		for (RequestFuture<M> request : this.requests) {
			left = Math.min(left, request.deadline() - now);
		}
		return left;
	}

	/** Whether a caller has ended one of the requests before it was written. */
	boolean cancelled() {
		for (RequestFuture<M> request : this.requests) {
			if (request.isDone()) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Ends this batch, of which nothing is written. Event loop only.
	 * @param action takes each request
	 * @return how many other messages have ended by this; none if it had ended before
	 */
	int end(Consumer<RequestFuture<M>> action) {
		if (this.ended) {
			return 0;
		}
		this.ended = true;
		this.requests.forEach(action);
		return oneWays();
	}

	/** Whether nothing of it is to be written any more. */
	boolean ended() {
		return this.ended;
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

}
