package dev.backend.discovery.consul;

import java.time.Duration;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Brings the answer to a query to the loop's thread, within a time.
 *
 * <p>
 * A query is given up on the loop's thread, and may fail at that moment on another. The
 * operators of Reactor report such a failure, which has nobody to go to any more, as an
 * error of the program. So it travels to the loop as a value, which is just dropped.
 */
final class QueryPatience {

	private QueryPatience() {
	}

	/**
	 * Limits the time of a query.
	 * @param query the query
	 * @param patience how long it may take
	 * @param named the time that is told where it took longer
	 * @param loop where the answer is wanted
	 * @return the same, which fails with a {@link ConsulFailure} if it takes too long
	 */
	static <T> Mono<T> limit(Mono<T> query, Duration patience, Duration named, Scheduler loop) {
		return query.materialize()
			.timeout(patience, Mono.error(() -> ConsulFailure.silent(named.toMillis())), loop)
			.publishOn(loop)
			.dematerialize();
	}

}
