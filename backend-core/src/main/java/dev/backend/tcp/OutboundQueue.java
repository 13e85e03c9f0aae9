package dev.backend.tcp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import dev.backend.SendResult;
import org.jspecify.annotations.Nullable;

/**
 * Hands what callers send over to the event loop of a connection.
 *
 * <p>
 * It is a stack of intrusive nodes (R. K. Treiber, "Systems Programming: Coping with
 * Parallelism", IBM RJ 5118, 1986) of which the one consumer always takes all at once and
 * turns them round, so that each producer's order is kept and there is no ABA problem: a
 * node is queued once, and nothing but the whole is ever removed. This gives, with one
 * compare-and-set per send,
 * <ul>
 * <li>the wake-up: whoever pushes onto the empty stack wakes the loop, nobody else does,
 * and the loop then takes what has come until then, in one batch;
 * <li>the bound: each node knows its depth, where a batch counts as many as it has
 * messages. What the loop took but cannot write yet is counted by {@link #backlog(int)}.
 * While the loop moves nodes from one to the other they are briefly in neither count, so
 * the bound may be exceeded by what arrives in that moment, never to more than twice its
 * value;
 * <li>the end: {@link #close()} puts a mark in place of the stack. A push either comes
 * before it and is in what close returns, or fails. Nothing is lost between the two.
 * </ul>
 *
 * @param <M> the type of the messages
 */
final class OutboundQueue<M> {

	/** Stands in place of the stack when the queue is closed. */
	private static final Outbound<?> CLOSED = new OutboundMessage<>(null);

	private static final VarHandle TOP;

	static {
		try {
			TOP = MethodHandles.lookup().findVarHandle(OutboundQueue.class, "top", Outbound.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private volatile @Nullable Outbound<M> top;

	private volatile int backlog;

	/**
	 * Queues a node that is one message. Called by any thread.
	 * @param node the node, not queued before
	 * @param bound how many may wait
	 * @param wakeUp run if the consumer must be woken
	 * @return the result: accepted, queue full, or not connected if closed
	 */
	SendResult push(Outbound<M> node, int bound, Runnable wakeUp) {
		return push(node, 1, bound, wakeUp);
	}

	/**
	 * Queues a node. Called by any thread.
	 * @param node the node, not queued before
	 * @param messages how many messages it is
	 * @param bound how many may wait
	 * @param wakeUp run if the consumer must be woken
	 * @return the result: accepted, queue full, or not connected if closed
	 */
	SendResult push(Outbound<M> node, int messages, int bound, Runnable wakeUp) {
		while (true) {
			Outbound<M> top = this.top;
			if (top == CLOSED) {
				return SendResult.NOT_CONNECTED;
			}
			int depth = (top != null) ? top.depth() + messages : messages;
			if (depth + this.backlog > bound) {
				return SendResult.QUEUE_FULL;
			}
			node.depth(depth);
			node.next(top);
			if (TOP.compareAndSet(this, top, node)) {
				if (top == null) {
					wakeUp.run();
				}
				return SendResult.ACCEPTED;
			}
		}
	}

	/**
	 * Takes all that is queued, linked by {@link Outbound#next()} in the order of their
	 * pushes. Called by the consumer only.
	 * @return the oldest, or {@code null} if there is none or the queue is closed
	 */
	@Nullable Outbound<M> takeAll() {
		Outbound<M> top = this.top;
		if (top == null || top == CLOSED) {
			return null;
		}
		return reverse(getAndSet(null));
	}

	/**
	 * Ends the queue. Called by the consumer only.
	 * @return what was queued, as {@link #takeAll()}
	 */
	@Nullable Outbound<M> close() {
		Outbound<M> top = getAndSet(CLOSED);
		return (top != CLOSED) ? reverse(top) : null;
	}

	boolean isEmpty() {
		return this.top == null;
	}

	/**
	 * Says how many messages the consumer took and still holds back.
	 * @param count the number
	 */
	void backlog(int count) {
		this.backlog = count;
	}

	/**
	 * Returns how many wait, roughly.
	 * @return the number
	 */
	int size() {
		Outbound<M> top = this.top;
		return this.backlog + ((top != null && top != CLOSED) ? top.depth() : 0);
	}

	@SuppressWarnings("unchecked")
	private @Nullable Outbound<M> getAndSet(@Nullable Outbound<?> node) {
		return (Outbound<M>) TOP.getAndSet(this, node);
	}

	private static <M> @Nullable Outbound<M> reverse(@Nullable Outbound<M> youngest) {
		Outbound<M> result = null;
		Outbound<M> node = youngest;
		while (node != null) {
			Outbound<M> older = node.next();
			node.next(result);
			result = node;
			node = older;
		}
		return result;
	}

}
