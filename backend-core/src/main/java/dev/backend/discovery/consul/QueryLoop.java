package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;

import dev.backend.discovery.DiscoveryLoop;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The thread and the time of a watch, for those who ask Consul.
 */
final class QueryLoop {

	private final DiscoveryLoop loop;

	private final Scheduler scheduler;

	QueryLoop(DiscoveryLoop loop) {
		this.loop = loop;
		this.scheduler = Schedulers.fromExecutorService(loop.executor());
	}

	/** The present time, of which only differences mean something. */
	long nanoTime() {
		return this.loop.nanoTime();
	}

	/** Runs a task later. */
	Disposable schedule(Runnable task, Duration delay) {
		ScheduledFuture<?> scheduled = this.loop.schedule(task, delay);
		return () -> scheduled.cancel(false);
	}

	/**
	 * Brings the answer to a query to the loop's thread, within a time.
	 *
	 * <p>
	 * A query is given up on the loop's thread, and may fail at that moment on another.
	 * The operators of Reactor report such a failure, which has nobody to go to any more,
	 * as an error of the program. So it travels to the loop as a value, which is just
	 * dropped.
	 * @param query the query
	 * @param patience how long it may take
	 * @param named the time that is told where it took longer
	 * @return the same, which fails with a {@link ConsulFailure} if it takes too long
	 */
	<T> Mono<T> answer(Mono<T> query, Duration patience, Duration named) {
		return query.materialize()
			.timeout(patience, Mono.error(() -> ConsulFailure.silent(named.toMillis())), this.scheduler)
			.publishOn(this.scheduler)
			.dematerialize();
	}

}
