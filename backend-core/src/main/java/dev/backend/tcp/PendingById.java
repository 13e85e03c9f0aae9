package dev.backend.tcp;

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

	private final Map<Object, RequestFuture<M>> byObject = new HashMap<>(0);

	private @Nullable RequestFuture<M>[] buckets = newBuckets(INITIAL_CAPACITY);

	private int numeric;

	@Override
	int size() {
		return this.numeric + this.byObject.size();
	}

	@Override
	boolean add(RequestFuture<M> request) {
		Object id = request.objectId();
		if (id != null) {
			return this.byObject.putIfAbsent(id, request) == null;
		}
		if (find(request.numericId()) != null) {
			return false;
		}
		if (this.numeric >= this.buckets.length) {
			grow();
		}
		link(this.buckets, request);
		this.numeric++;
		return true;
	}

	@Override
	void removeLast(RequestFuture<M> request) {
		Object id = request.objectId();
		remove((id != null) ? id : (Object) request.numericId());
	}

	@Override
	@Nullable RequestFuture<M> remove(@Nullable Object id) {
		if (id == null) {
			return null;
		}
		return RequestIds.isNumeric(id) ? removeNumeric(RequestIds.numeric(id)) : this.byObject.remove(id);
	}

	private @Nullable RequestFuture<M> removeNumeric(long id) {
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
		long next = expireObjects(now, expired);
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

	private long expireObjects(long now, Consumer<RequestFuture<M>> expired) {
		long next = Long.MAX_VALUE;
		for (Iterator<RequestFuture<M>> it = this.byObject.values().iterator(); it.hasNext();) {
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
		this.buckets = newBuckets(INITIAL_CAPACITY);
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
		this.byObject.values().forEach(action);
		this.byObject.clear();
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
		@Nullable RequestFuture<M>[] larger = newBuckets(this.buckets.length * 2);
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
	private static <M> @Nullable RequestFuture<M>[] newBuckets(int length) {
		return (@Nullable RequestFuture<M>[]) new RequestFuture<?>[length];
	}

}
