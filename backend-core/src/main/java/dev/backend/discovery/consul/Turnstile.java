package dev.backend.discovery.consul;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import reactor.core.publisher.Mono;

/**
 * Lets only so many questions be asked at once; the others wait in the order in which
 * they came. For one thread.
 */
final class Turnstile {

	private final int places;

	private final Set<Object> inside = new HashSet<>();

	private final Map<Object, Runnable> waiting = new LinkedHashMap<>();

	Turnstile(int places) {
		this.places = places;
	}

	/**
	 * Makes a question wait for its turn.
	 * @param question the question, which must be answered on this turnstile's thread
	 * @return the same, asked when there is a place
	 */
	<T> Mono<T> pass(Mono<T> question) {
		return Mono.defer(() -> {
			Object guest = new Object();
			return Mono.create((turn) -> enter(guest, turn::success)).then(question).doFinally((end) -> leave(guest));
		});
	}

	private void enter(Object guest, Runnable turn) {
		if (this.inside.size() < this.places) {
			this.inside.add(guest);
			turn.run();
		}
		else {
			this.waiting.put(guest, turn);
		}
	}

	/** Gives a place back, or stops to wait for one. */
	private void leave(Object guest) {
		if (this.waiting.remove(guest) == null && this.inside.remove(guest) && !this.waiting.isEmpty()) {
			Map.Entry<Object, Runnable> first = this.waiting.entrySet().iterator().next();
			this.waiting.remove(first.getKey());
			enter(first.getKey(), first.getValue());
		}
	}

}
