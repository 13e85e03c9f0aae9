package dev.backend.tcp;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Pending requests of a protocol without ids: the n-th reply belongs to the n-th request.
 * One that was given up leaves a mark in its place, so that later replies stay matched;
 * so does the reply to a message that was not sent as a request. One to which no reply
 * will come leaves a gap, which no reply meets.
 *
 * <p>
 * It is a ring. The number of a request is its position since the begin, by which its
 * place is found. The first and the last place are never gaps; when the ring is full, it
 * grows or closes its gaps.
 *
 * @param <M> the type of the messages
 */
final class PendingInOrder<M> extends PendingRequests<M> {

	private static final int INITIAL_CAPACITY = 16;

	/** Stands for every reply that nobody waits for; made with the ring. */
	private @Nullable RequestFuture<?> unawaited;

	/** Stands for every request that was given up; made with the ring. */
	private @Nullable RequestFuture<?> givenUp;

	/** Stands in until the first request: most connections of a large fleet are idle. */
	private static final @Nullable RequestFuture<?>[] EMPTY = new RequestFuture<?>[0];

	private @Nullable RequestFuture<?>[] ring = EMPTY;

	private @Nullable DeadlineBounds deadlines;

	private long head;

	private long tail;

	private int gaps;

	/** The places without the gaps, in one field: other threads ask for it. */
	private int size;

	@Override
	int size() {
		return this.size;
	}

	/** How many places there are, gaps included. */
	int capacity() {
		return this.ring.length;
	}

	private int index(long position) {
		return (int) position & (this.ring.length - 1);
	}

	@Override
	boolean add(RequestFuture<M> request, long now) {
		makeRoom();
		request.number(this.tail);
		int index = index(this.tail);
		this.ring[index] = request;
		this.tail++;
		this.size++;
		if (this.deadlines == null) {
			this.deadlines = new DeadlineBounds(this.ring.length, request.deadline());
		}
		this.deadlines.add(index, request.deadline());
		return true;
	}

	@Override
	void addUnawaited() {
		makeRoom();
		this.ring[index(this.tail)] = this.unawaited;
		this.tail++;
		this.size++;
	}

	private boolean isMark(RequestFuture<?> request) {
		return request == this.unawaited || request == this.givenUp;
	}

	@Override
	boolean isUnawaited(RequestFuture<M> request) {
		return request == this.unawaited;
	}

	@Override
	@Nullable RequestFuture<M> remove(@Nullable Object id) {
		return poll();
	}

	@Override
	@Nullable RequestFuture<M> remove(long id) {
		return poll();
	}

	@SuppressWarnings("unchecked")
	private @Nullable RequestFuture<M> poll() {
		if (this.head == this.tail) {
			return null;
		}
		int index = index(this.head);
		RequestFuture<?> request = this.ring[index];
		this.ring[index] = null;
		this.head++;
		this.size--;
		if (this.gaps > 0) {
			trim();
		}
		return (RequestFuture<M>) request;
	}

	private void trim() {
		while (this.head < this.tail && this.ring[index(this.head)] == null) {
			this.head++;
			this.gaps--;
		}
		while (this.head < this.tail && this.ring[index(this.tail - 1)] == null) {
			this.tail--;
			this.gaps--;
		}
	}

	private boolean holds(RequestFuture<M> request) {
		return request.number() >= this.head && request.number() < this.tail
				&& this.ring[index(request.number())] == request;
	}

	@Override
	void giveUp(RequestFuture<M> request, long now, TcpSettings settings) {
		if (holds(request)) {
			this.ring[index(request.number())] = this.givenUp;
		}
	}

	@Override
	void release(RequestFuture<M> request) {
		if (holds(request)) {
			this.ring[index(request.number())] = null;
			this.size--;
			this.gaps++;
			trim();
		}
	}

	@Override
	long expire(long now, TcpSettings settings, Consumer<RequestFuture<M>> expired) {
		DeadlineBounds deadlines = this.deadlines;
		if (deadlines == null) {
			return Long.MAX_VALUE;
		}
		if (this.head == this.tail) {
			deadlines.clear();
			return Long.MAX_VALUE;
		}
		DueRequests<M> due = new DueRequests<>();
		int oldest = DeadlineBounds.block(index(this.head));
		for (int i = 0; i < deadlines.blocks(); i++) {
			int block = (oldest + i) & (deadlines.blocks() - 1);
			if (deadlines.takeDue(block, now)) {
				expireBlock(block, now, due, deadlines);
			}
		}
		long next = deadlines.untilNext(now);
		due.forEach(expired);
		return next;
	}

	@SuppressWarnings("unchecked")
	private void expireBlock(int block, long now, DueRequests<M> due, DeadlineBounds deadlines) {
		int first = block * DeadlineBounds.BLOCK;
		int end = Math.min(this.ring.length, first + DeadlineBounds.BLOCK);
		for (int i = first; i < end; i++) {
			RequestFuture<?> request = this.ring[i];
			// One that is done is about to be given up or released.
			if (request == null || isMark(request) || request.isDone()) {
				continue;
			}
			if (request.deadline() - now <= 0) {
				this.ring[i] = this.givenUp;
				due.add((RequestFuture<M>) request);
			}
			else {
				deadlines.add(i, request.deadline());
			}
		}
	}

	@Override
	void clear(Consumer<RequestFuture<M>> action) {
		RequestFuture<M> request;
		while ((request = poll()) != null) {
			action.accept(request);
		}
	}

	private void makeRoom() {
		@Nullable RequestFuture<?>[] ring = this.ring;
		if (this.tail - this.head < ring.length) {
			return;
		}
		if (this.unawaited == null) {
			this.unawaited = RequestFuture.ended();
			this.givenUp = RequestFuture.ended();
		}
		long head = this.head;
		int capacity = (this.gaps > ring.length / 4) ? ring.length : Math.max(INITIAL_CAPACITY, 2 * ring.length);
		this.ring = new RequestFuture<?>[capacity];
		DeadlineBounds deadlines = null;
		int count = 0;
		for (int i = 0; i < ring.length; i++) {
			RequestFuture<?> request = ring[(int) (head + i) & (ring.length - 1)];
			if (request == null) {
				continue;
			}
			if (!isMark(request)) {
				request.number(count);
				if (deadlines == null) {
					deadlines = new DeadlineBounds(capacity, request.deadline());
				}
				deadlines.add(count, request.deadline());
			}
			this.ring[count++] = request;
		}
		this.deadlines = deadlines;
		this.head = 0;
		this.tail = count;
		this.gaps = 0;
	}

}
