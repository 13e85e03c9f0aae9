package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.function.Function;

import reactor.core.publisher.Mono;

/**
 * What is asked of Consul, again and again.
 *
 * @param <T> what an answer says
 */
@FunctionalInterface
interface Question<T> {

	/**
	 * Asks once for each subscription, without blocking; to cancel one gives up what is
	 * under way.
	 * @param query what is known already
	 * @return the answer; fails with a {@link ConsulFailure}
	 */
	Mono<Answer<T>> ask(Query query);

	/**
	 * How to ask: at once, or for what is newer than an index.
	 *
	 * @param index the index of what is known; zero asks for whatever there is, at once
	 * @param patience how long Consul may wait for something newer; it adds up to a
	 * sixteenth
	 */
	record Query(long index, Duration patience) {

		/** Answered at once. */
		static final Query NOW = new Query(0, Duration.ZERO);

		/** The longest time after which Consul has begun to answer. */
		Duration longestWait() {
			return (this.index == 0) ? Duration.ZERO : this.patience.plus(this.patience.dividedBy(16));
		}

		/**
		 * Returns the query part of a URI.
		 * @param filter a filter expression, encoded, or empty
		 */
		String text(String filter) {
			String blocking = (this.index == 0) ? ""
					: "index=" + this.index + "&wait=" + this.patience.toMillis() + "ms";
			String text = filter.isEmpty() ? blocking : "filter=" + filter + (blocking.isEmpty() ? "" : "&" + blocking);
			return text.isEmpty() ? "" : "?" + text;
		}

	}

	/**
	 * A whole answer.
	 *
	 * @param <T> what it says
	 * @param content what it says
	 * @param index the index of what it says
	 */
	record Answer<T>(T content, long index) {

		<R> Answer<R> map(Function<T, R> mapping) {
			return new Answer<>(mapping.apply(this.content), this.index);
		}

	}

}
