package dev.backend.tcp;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * What an {@link OutboundWriter} has taken from the queue and cannot encode yet, in its
 * order. Its deadlines are watched, and it counts against the bound of the queue. Event
 * loop only.
 *
 * @param <M> the type of the messages
 */
final class OutboundBacklog<M> {

	private final OutboundQueue<M> queue;

	private @Nullable Outbound<M> oldest;

	private @Nullable Outbound<M> youngest;

	/** The request whose deadline comes first, or came before it ended. */
	private @Nullable RequestFuture<M> soonest;

	private int messages;

	OutboundBacklog(OutboundQueue<M> queue) {
		this.queue = queue;
	}

	boolean isEmpty() {
		return this.oldest == null;
	}

	/**
	 * Puts something behind all that is here.
	 * @param first the first of a chain
	 * @return the earliest deadline of a request here, or {@code null} if there is none
	 */
	@Nullable RequestFuture<M> add(@Nullable Outbound<M> first) {
		for (Outbound<M> outbound = first; outbound != null; outbound = outbound.next()) {
			if (this.youngest == null) {
				this.oldest = outbound;
			}
			else if (outbound == first) {
				this.youngest.next(outbound);
			}
			this.youngest = outbound;
			this.messages += (outbound instanceof OutboundBatch<M> batch) ? batch.size() : 1;
			watch(outbound);
		}
		if (first != null) {
			this.queue.backlog(this.messages);
		}
		return this.soonest;
	}

	private void watch(Outbound<M> outbound) {
		if (outbound instanceof RequestFuture<M> request) {
			watch(request);
		}
		else if (outbound instanceof OutboundBatch<M> batch) {
			batch.requests().forEach(this::watch);
		}
	}

	private void watch(RequestFuture<M> request) {
		RequestFuture<M> soonest = this.soonest;
		if (soonest == null || request.deadline() - soonest.deadline() < 0) {
			this.soonest = request;
		}
	}

	/** Takes all. */
	@Nullable Outbound<M> takeAll() {
		Outbound<M> held = this.oldest;
		if (held != null) {
			this.oldest = null;
			this.youngest = null;
			this.soonest = null;
			this.messages = 0;
			this.queue.backlog(0);
		}
		return held;
	}

	/**
	 * Ends what waits for too long. It stays here, and is passed over later.
	 * @param now the present time
	 * @param expired takes every request that is over
	 * @param expiredBatch takes every batch with a request that is over
	 * @return the nanoseconds until the next deadline
	 */
	long expire(long now, Consumer<RequestFuture<M>> expired, Consumer<OutboundBatch<M>> expiredBatch) {
		RequestFuture<M> soonest = this.soonest;
		if (soonest != null && soonest.deadline() - now <= 0) {
			this.soonest = null;
			for (Outbound<M> outbound = this.oldest; outbound != null; outbound = outbound.next()) {
				if (outbound instanceof RequestFuture<M> request && !request.isDone()) {
					if (request.deadline() - now <= 0) {
						expired.accept(request);
					}
					else {
						watch(request);
					}
				}
				else if (outbound instanceof OutboundBatch<M> batch && !batch.ended()) {
					if (batch.untilDeadline(now) <= 0) {
						expiredBatch.accept(batch);
					}
					else {
						watch(batch);
					}
				}
			}
			soonest = this.soonest;
		}
		return (soonest != null) ? soonest.deadline() - now : Long.MAX_VALUE;
	}

}
