package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * Asks every now and then whether the agent answers and its cluster has a leader: a long
 * poll that is silent cannot tell. On the loop's thread.
 */
final class AgentProbe {

	private final Mono<String> query;

	private final Duration interval;

	private final QueryLoop loop;

	private final Consumer<@Nullable ConsulFailure> listener;

	private final QueryThrottle throttle;

	private final Disposable.Swap next = Disposables.swap();

	private @Nullable Disposable asking;

	/**
	 * Creates a probe.
	 * @param listener told of every probe: {@code null} if it succeeded
	 */
	AgentProbe(ConsulQueries api, ConsulDiscoverySettings settings, QueryLoop loop,
			Consumer<@Nullable ConsulFailure> listener) {
		Duration patience = settings.timings().probeTimeout();
		this.query = loop.answer(api.leader(), patience, patience);
		this.interval = settings.timings().probeInterval();
		this.loop = loop;
		this.listener = listener;
		this.throttle = new QueryThrottle(settings.retry());
	}

	/** Asks now, unless that is under way. */
	void ask() {
		if (this.asking == null) {
			this.asking = this.query.subscribe((leader) -> answered(), this::failed);
		}
	}

	/** Ends for good. */
	void stop() {
		this.next.dispose();
		if (this.asking != null) {
			this.asking.dispose();
		}
	}

	private void answered() {
		this.throttle.succeeded();
		askIn(this.interval);
		this.listener.accept(null);
	}

	private void failed(Throwable problem) {
		askIn(this.throttle.failed());
		this.listener.accept(ConsulFailure.of(problem));
	}

	private void askIn(Duration delay) {
		this.asking = null;
		this.next.update(this.loop.schedule(this::ask, delay));
	}

}
