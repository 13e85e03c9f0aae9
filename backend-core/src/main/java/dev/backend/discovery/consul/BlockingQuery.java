package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.function.Function;

import reactor.core.publisher.Mono;

/**
 * A query that Consul answers at once, or when there is something newer than an index:
 * what its HTTP API calls a blocking query.
 *
 * @param <T> what an answer says
 */
@FunctionalInterface
interface BlockingQuery<T> {

	/**
	 * Asks once for each subscription, without blocking; to cancel one gives up what is
	 * under way.
	 * @param options what is known already
	 * @return the answer; fails with a {@link ConsulFailure}
	 */
	Mono<Answer<T>> ask(Options options);

	/**
	 * How to ask: at once, or for what is newer than an index.
	 *
	 * @param index the index of what is known; zero asks for whatever there is, at once
	 * @param waitTime how long Consul may wait for something newer; it adds up to a
	 * sixteenth
	 */
	record Options(long index, Duration waitTime) {

		/** Answered at once. */
		static final Options NOW = new Options(0, Duration.ZERO);

		/** The longest time after which Consul has begun to answer. */
		Duration longestWait() {
			return (this.index == 0) ? Duration.ZERO : this.waitTime.plus(this.waitTime.dividedBy(16));
		}

		/**
		 * Returns the query part of a URI.
		 * @param filter a filter expression, encoded, or empty
		 */
		String text(String filter) {
			String blocking = (this.index == 0) ? ""
					: "index=" + this.index + "&wait=" + this.waitTime.toMillis() + "ms";
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
