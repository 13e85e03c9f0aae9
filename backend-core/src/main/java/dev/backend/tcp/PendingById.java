package dev.backend.tcp;

import java.time.Duration;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Pending requests that are found by an id: the caller's, the codec's, or one that is
 * given out here, where the codec says how wide its field is.
 *
 * <p>
 * <b>Ids that are given out</b> count up from 1 and begin anew behind the largest. Zero
 * is left out, as are those that are pending or in quarantine.
 *
 * <p>
 * <b>Quarantine.</b> A request that is given up makes room for others at once, and its id
 * is not free: a late reply would end whichever younger request has it. It is free when
 * the reply came, when it is known that none will come, or after
 * {@link TcpTimings#idQuarantine()}. So long as one reply at most belongs to a request,
 * and comes within that time, no reply meets the request of another.
 *
 * <p>
 * Most connections of a large fleet are idle: both tables are made when they are needed.
 *
 * @param <M> the type of the messages
 */
final class PendingById<M> extends PendingRequests<M> {

	private @Nullable RequestTable<M> table;

	private @Nullable IdQuarantine quarantine;

	@Override
	int size() {
		return (this.table != null) ? this.table.size() : 0;
	}

	@Override
	int quarantined() {
		return (this.quarantine != null) ? this.quarantine.size() : 0;
	}

	private RequestTable<M> table(RequestFuture<M> request) {
		RequestTable<M> table = this.table;
		if (table == null) {
			table = new RequestTable<>(request.deadline());
			this.table = table;
		}
		return table;
	}

	@Override
	boolean add(RequestFuture<M> request, long now) {
		RequestTable<M> table = table(request);
		Object id = request.objectId();
		if (id != null) {
			// Here, where what it throws is taken for that of the codec.
			request.number(id.hashCode());
		}
		if (table.contains(request.number(), id) || (this.quarantine != null && quarantined(request, now) > 0)) {
			return false;
		}
		if (this.quarantine != null) {
			// It may be over and still be there.
			this.quarantine.remove(request.number(), id);
		}
		table.add(request);
		return true;
	}

	@Override
	boolean addWithNewId(RequestFuture<M> request, int bits, long now) {
		RequestTable<M> table = table(request);
		IdQuarantine quarantine = this.quarantine;
		if (quarantine != null) {
			quarantine.expire(now);
		}
		long largest = -1L >>> (64 - bits);
		if (bits < Integer.SIZE && table.size() + quarantined() >= largest) {
			return false;
		}
		long id = table.lastId();
		do {
			id = (id == largest) ? 1 : id + 1;
		}
		while (table.contains(id, null) || (quarantine != null && quarantine.remaining(id, null, now) > 0));
		if (quarantine != null) {
			quarantine.remove(id, null);
		}
		table.lastId(id);
		request.number(id);
		table.add(request);
		return true;
	}

	@Override
	long quarantined(RequestFuture<M> request, long now) {
		return (this.quarantine != null) ? this.quarantine.remaining(request.number(), request.objectId(), now) : 0;
	}

	@Override
	@Nullable RequestFuture<M> remove(@Nullable Object id) {
		if (id == null) {
			return null;
		}
		return RequestIds.isNumeric(id) ? remove(RequestIds.numeric(id)) : remove(id.hashCode(), id);
	}

	@Override
	@Nullable RequestFuture<M> remove(long id) {
		return remove(id, null);
	}

	private @Nullable RequestFuture<M> remove(long number, @Nullable Object id) {
		RequestFuture<M> request = (this.table != null) ? this.table.remove(number, id) : null;
		if (request == null && this.quarantine != null) {
			this.quarantine.remove(number, id);
		}
		return request;
	}

	@Override
	long expire(long now, TcpSettings settings, Consumer<RequestFuture<M>> expired) {
		long next = Long.MAX_VALUE;
		if (this.table != null) {
			DueRequests<M> due = new DueRequests<>();
			next = this.table.expire(now, due);
			due.forEach((request) -> {
				quarantine(request, now, settings);
				expired.accept(request);
			});
		}
		return Math.min(next, expireQuarantine(now));
	}

	/** Frees the ids whose time is over, and the memory when that is so of all. */
	private long expireQuarantine(long now) {
		if (this.quarantine == null) {
			return Long.MAX_VALUE;
		}
		this.quarantine.expire(now);
		if (this.quarantine.size() == 0) {
			this.quarantine = null;
			return Long.MAX_VALUE;
		}
		return Math.max(1, this.quarantine.untilEmpty(now));
	}

	@Override
	void giveUp(RequestFuture<M> request, long now, TcpSettings settings) {
		if (this.table != null && this.table.remove(request)) {
			quarantine(request, now, settings);
		}
	}

	private void quarantine(RequestFuture<M> request, long now, TcpSettings settings) {
		Duration time = settings.timings().idQuarantine();
		if (time.isZero()) {
			return;
		}
		IdQuarantine quarantine = this.quarantine;
		if (quarantine == null) {
			quarantine = new IdQuarantine();
			this.quarantine = quarantine;
		}
		quarantine.expire(now);
		quarantine.add(request.number(), request.objectId(), now + Nanos.of(time), settings.limits().pendingRequests());
	}

	@Override
	void release(RequestFuture<M> request) {
		if (this.table != null) {
			this.table.remove(request);
		}
	}

	@Override
	void clear(Consumer<RequestFuture<M>> action) {
		this.quarantine = null;
		if (this.table != null) {
			DueRequests<M> cleared = new DueRequests<>();
			this.table.clear(cleared);
			cleared.forEach(action);
		}
	}

}
