package dev.backend.discovery.consul;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import reactor.core.publisher.Mono;

/**
 * Lets only so many queries be under way at once; the others wait in the order in which
 * they came. For one thread.
 */
final class ConcurrencyLimit {

	private final int permits;

	private final Set<Object> holders = new HashSet<>();

	private final Map<Object, Runnable> waiting = new LinkedHashMap<>();

	ConcurrencyLimit(int permits) {
		this.permits = permits;
	}

	/**
	 * Makes a query wait for its turn.
	 * @param query the query, which must be answered on this limit's thread
	 * @return the same, asked when it has a permit
	 */
	<T> Mono<T> apply(Mono<T> query) {
		return Mono.defer(() -> {
			Object holder = new Object();
			return Mono.create((turn) -> acquire(holder, turn::success))
				.then(query)
				.doFinally((end) -> release(holder));
		});
	}

	private void acquire(Object holder, Runnable turn) {
		if (this.holders.size() < this.permits) {
			this.holders.add(holder);
			turn.run();
		}
		else {
			this.waiting.put(holder, turn);
		}
	}

	/** Gives a permit back, or stops to wait for one. */
	private void release(Object holder) {
		if (this.waiting.remove(holder) == null && this.holders.remove(holder) && !this.waiting.isEmpty()) {
			Map.Entry<Object, Runnable> first = this.waiting.entrySet().iterator().next();
			this.waiting.remove(first.getKey());
			acquire(first.getKey(), first.getValue());
		}
	}

}
