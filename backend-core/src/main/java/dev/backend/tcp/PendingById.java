package dev.backend.tcp;

import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Pending requests that are found by an id. Whole numbers are kept in a hash table with
 * chains through the requests themselves, which allocates nothing per request; other ids
 * in a map.
 *
 * <p>
 * A request that its caller cancelled keeps its id until the reply or the deadline comes:
 * a reply to it must not meet a younger request with the same id.
 *
 * @param <M> the type of the messages
 */
final class PendingById<M> extends PendingRequests<M> {

	private static final int INITIAL_CAPACITY = 16;

	/** 2^64 divided by the golden ratio (D. Knuth, TAOCP 3, 6.4: Fibonacci hashing). */
	private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

	/** Stands in until the first request: most connections of a large fleet are idle. */
	private static final @Nullable RequestFuture<?>[] NO_BUCKETS = new RequestFuture<?>[2];

	private @Nullable Map<Object, RequestFuture<M>> byObject;

	private @Nullable RequestFuture<M>[] buckets = noBuckets();

	private int numeric;

	@Override
	int size() {
		return this.numeric + ((this.byObject != null) ? this.byObject.size() : 0);
	}

	@Override
	boolean add(RequestFuture<M> request) {
		Object id = request.objectId();
		if (id != null) {
			if (this.byObject == null) {
				this.byObject = new HashMap<>();
			}
			return this.byObject.putIfAbsent(id, request) == null;
		}
		if (find(request.numericId()) != null) {
			return false;
		}
		if (this.buckets == NO_BUCKETS || this.numeric >= this.buckets.length) {
			grow();
		}
		link(this.buckets, request);
		this.numeric++;
		return true;
	}

	@Override
	void removeLast(RequestFuture<M> request) {
		Object id = request.objectId();
		if (id != null) {
			remove(id);
		}
		else {
			remove(request.numericId());
		}
	}

	@Override
	@Nullable RequestFuture<M> remove(@Nullable Object id) {
		if (id == null) {
			return null;
		}
		if (RequestIds.isNumeric(id)) {
			return remove(RequestIds.numeric(id));
		}
		return (this.byObject != null) ? this.byObject.remove(id) : null;
	}

	@Override
	@Nullable RequestFuture<M> remove(long id) {
		int index = indexOf(id, this.buckets.length);
		RequestFuture<M> previous = null;
		RequestFuture<M> request = this.buckets[index];
		while (request != null && request.numericId() != id) {
			previous = request;
			request = nextOf(request);
		}
		if (request != null) {
			unlink(index, previous, request);
		}
		return request;
	}

	@Override
	long expire(long now, Consumer<RequestFuture<M>> expired) {
		long next = (this.byObject != null) ? expireObjects(this.byObject.values(), now, expired) : Long.MAX_VALUE;
		for (int i = 0; i < this.buckets.length; i++) {
			RequestFuture<M> previous = null;
			RequestFuture<M> request = this.buckets[i];
			while (request != null) {
				RequestFuture<M> following = nextOf(request);
				long left = request.deadline() - now;
				if (left <= 0) {
					unlink(i, previous, request);
					expired.accept(request);
				}
				else {
					next = Math.min(next, left);
					previous = request;
				}
				request = following;
			}
		}
		return next;
	}

	private long expireObjects(Collection<RequestFuture<M>> requests, long now, Consumer<RequestFuture<M>> expired) {
		long next = Long.MAX_VALUE;
		for (Iterator<RequestFuture<M>> it = requests.iterator(); it.hasNext();) {
			RequestFuture<M> request = it.next();
			long left = request.deadline() - now;
			if (left <= 0) {
				it.remove();
				expired.accept(request);
			}
			else {
				next = Math.min(next, left);
			}
		}
		return next;
	}

	@Override
	void clear(Consumer<RequestFuture<M>> action) {
		@Nullable RequestFuture<M>[] buckets = this.buckets;
		this.buckets = noBuckets();
		this.numeric = 0;
		for (RequestFuture<M> first : buckets) {
			RequestFuture<M> request = first;
			while (request != null) {
				RequestFuture<M> following = nextOf(request);
				request.next(null);
				action.accept(request);
				request = following;
			}
		}
		Map<Object, RequestFuture<M>> byObject = this.byObject;
		this.byObject = null;
		if (byObject != null) {
			byObject.values().forEach(action);
		}
	}

	private @Nullable RequestFuture<M> find(long id) {
		RequestFuture<M> request = this.buckets[indexOf(id, this.buckets.length)];
		while (request != null && request.numericId() != id) {
			request = nextOf(request);
		}
		return request;
	}

	private void unlink(int index, @Nullable RequestFuture<M> previous, RequestFuture<M> request) {
		if (previous != null) {
			previous.next(request.next());
		}
		else {
			this.buckets[index] = nextOf(request);
		}
		request.next(null);
		this.numeric--;
	}

	private void grow() {
		@Nullable RequestFuture<M>[] larger = newBuckets(Math.max(INITIAL_CAPACITY, this.buckets.length * 2));
		for (RequestFuture<M> first : this.buckets) {
			RequestFuture<M> request = first;
			while (request != null) {
				RequestFuture<M> following = nextOf(request);
				link(larger, request);
				request = following;
			}
		}
		this.buckets = larger;
	}

	private static <M> void link(@Nullable RequestFuture<M>[] buckets, RequestFuture<M> request) {
		int index = indexOf(request.numericId(), buckets.length);
		request.next(buckets[index]);
		buckets[index] = request;
	}

	private static int indexOf(long id, int length) {
		return (int) ((id * MULTIPLIER) >>> (64 - Integer.numberOfTrailingZeros(length)));
	}

	@SuppressWarnings("unchecked")
	private static <M> @Nullable RequestFuture<M>[] noBuckets() {
		return (@Nullable RequestFuture<M>[]) NO_BUCKETS;
	}

	@SuppressWarnings("unchecked")
	private static <M> @Nullable RequestFuture<M>[] newBuckets(int length) {
		return (@Nullable RequestFuture<M>[]) new RequestFuture<?>[length];
	}

}
