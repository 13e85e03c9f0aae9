package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * A hash table of requests with chains through the requests themselves, which allocates
 * nothing per request. A whole number is the key by itself; any other id is found by its
 * hash code, then by {@code equals}.
 *
 * @param <M> the type of the messages
 */
final class RequestTable<M> {

	private static final int INITIAL_CAPACITY = 16;

	/** 2^64 divided by the golden ratio (D. Knuth, TAOCP 3, 6.4: Fibonacci hashing). */
	private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

	private final long origin;

	private @Nullable RequestFuture<M>[] buckets = newBuckets(INITIAL_CAPACITY);

	private DeadlineBounds deadlines;

	private int size;

	/** The id that the link gave out last. */
	private long lastId;

	/**
	 * Creates an empty table.
	 * @param origin any time near the deadlines of the requests
	 */
	RequestTable(long origin) {
		this.origin = origin;
		this.deadlines = new DeadlineBounds(INITIAL_CAPACITY, origin);
	}

	static int indexOf(long number, int length) {
		return (int) ((number * MULTIPLIER) >>> (64 - Integer.numberOfTrailingZeros(length)));
	}

	int size() {
		return this.size;
	}

	long lastId() {
		return this.lastId;
	}

	void lastId(long lastId) {
		this.lastId = lastId;
	}

	/** Adds a request whose id is not here. */
	void add(RequestFuture<M> request) {
		if (this.size >= this.buckets.length) {
			grow();
		}
		link(request);
		this.size++;
	}

	/**
	 * Returns whether there is a request with an id.
	 * @param number the id, or the hash code of one that is no number
	 * @param id the id that is no number, or {@code null}
	 */
	boolean contains(long number, @Nullable Object id) {
		RequestFuture<M> request = this.buckets[indexOf(number, this.buckets.length)];
		while (request != null && !hasId(request, number, id)) {
			request = PendingRequests.nextOf(request);
		}
		return request != null;
	}

	/** Removes the request with an id; {@code null} if there is none. */
	@Nullable RequestFuture<M> remove(long number, @Nullable Object id) {
		int index = indexOf(number, this.buckets.length);
		RequestFuture<M> previous = null;
		RequestFuture<M> request = this.buckets[index];
		while (request != null && !hasId(request, number, id)) {
			previous = request;
			request = PendingRequests.nextOf(request);
		}
		if (request != null) {
			unlink(index, previous, request);
		}
		return request;
	}

	/** Removes this request, and no other one with its id. */
	boolean remove(RequestFuture<M> removed) {
		int index = indexOf(removed.number(), this.buckets.length);
		RequestFuture<M> previous = null;
		RequestFuture<M> request = this.buckets[index];
		while (request != null && request != removed) {
			previous = request;
			request = PendingRequests.nextOf(request);
		}
		if (request == null) {
			return false;
		}
		unlink(index, previous, request);
		return true;
	}

	private static boolean hasId(RequestFuture<?> request, long number, @Nullable Object id) {
		if (request.number() != number) {
			return false;
		}
		Object own = request.objectId();
		return (id != null) ? id.equals(own) : own == null;
	}

	/**
	 * Takes out all that are due.
	 * @param now the present time
	 * @param due takes them
	 * @return the nanoseconds until a further one may be due
	 */
	long expire(long now, DueRequests<M> due) {
		if (this.size == 0) {
			this.deadlines.clear();
			return Long.MAX_VALUE;
		}
		for (int block = 0; block < this.deadlines.blocks(); block++) {
			if (this.deadlines.takeDue(block, now)) {
				int first = block * DeadlineBounds.BLOCK;
				int end = Math.min(this.buckets.length, first + DeadlineBounds.BLOCK);
				for (int i = first; i < end; i++) {
					expireBucket(i, now, due);
				}
			}
		}
		return this.deadlines.untilNext(now);
	}

	private void expireBucket(int index, long now, DueRequests<M> due) {
		RequestFuture<M> previous = null;
		RequestFuture<M> request = this.buckets[index];
		while (request != null) {
			RequestFuture<M> following = PendingRequests.nextOf(request);
			long deadline = request.deadline();
			if (deadline - now <= 0) {
				unlink(index, previous, request);
				due.add(request);
			}
			else {
				this.deadlines.add(index, deadline);
				previous = request;
			}
			request = following;
		}
	}

	/** Takes out all. */
	void clear(DueRequests<M> cleared) {
		@Nullable RequestFuture<M>[] buckets = this.buckets;
		this.buckets = newBuckets(INITIAL_CAPACITY);
		this.deadlines = new DeadlineBounds(INITIAL_CAPACITY, this.origin);
		this.size = 0;
		for (RequestFuture<M> first : buckets) {
			RequestFuture<M> request = first;
			while (request != null) {
				RequestFuture<M> following = PendingRequests.nextOf(request);
				request.next(null);
				cleared.add(request);
				request = following;
			}
		}
	}

	private void link(RequestFuture<M> request) {
		int index = indexOf(request.number(), this.buckets.length);
		request.next(this.buckets[index]);
		this.buckets[index] = request;
		this.deadlines.add(index, request.deadline());
	}

	private void unlink(int index, @Nullable RequestFuture<M> previous, RequestFuture<M> request) {
		if (previous != null) {
			previous.next(request.next());
		}
		else {
			this.buckets[index] = PendingRequests.nextOf(request);
		}
		request.next(null);
		this.size--;
	}

	private void grow() {
		@Nullable RequestFuture<M>[] smaller = this.buckets;
		this.buckets = newBuckets(smaller.length * 2);
		this.deadlines = new DeadlineBounds(this.buckets.length, this.origin);
		for (RequestFuture<M> first : smaller) {
			RequestFuture<M> request = first;
			while (request != null) {
				RequestFuture<M> following = PendingRequests.nextOf(request);
				link(request);
				request = following;
			}
		}
	}

	@SuppressWarnings("unchecked")
	private static <M> @Nullable RequestFuture<M>[] newBuckets(int length) {
		return (@Nullable RequestFuture<M>[]) new RequestFuture<?>[length];
	}

}
