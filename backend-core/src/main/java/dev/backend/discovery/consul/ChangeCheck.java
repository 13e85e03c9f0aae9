package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Asks, on connections of its own, whether anything of the datacenter has changed: a long
 * poll whose connection has silently died cannot tell. On the loop's thread.
 */
final class ChangeCheck {

	private final Mono<List<Long>> query;

	private final Consumer<Boolean> listener;

	private @Nullable List<Long> known;

	private @Nullable Disposable asking;

	/**
	 * Creates a check.
	 * @param listener told of every answer: whether it is another than the last one
	 */
	ChangeCheck(ConsulQueries api, Duration patience, QueryLoop loop, Consumer<Boolean> listener) {
		this.query = loop.answer(api.indexes(), patience, patience);
		this.listener = listener;
	}

	/** Asks now, unless that is under way. */
	void ask() {
		if (this.asking == null) {
			this.asking = this.query.subscribe(this::answered, (failure) -> this.asking = null);
		}
	}

	/** Gives up what is under way. */
	void stop() {
		if (this.asking != null) {
			this.asking.dispose();
			this.asking = null;
		}
	}

	private void answered(List<Long> indexes) {
		this.asking = null;
		boolean changed = !indexes.equals(this.known);
		this.known = indexes;
		this.listener.accept(changed);
	}

}
