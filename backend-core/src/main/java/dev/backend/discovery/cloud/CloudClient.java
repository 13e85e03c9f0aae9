package dev.backend.discovery.cloud;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;

/**
 * A discovery client of Spring Cloud, blocking or reactive. It is asked once for each
 * subscription, on the subscriber's thread, which may have to wait for the client. What
 * it throws is an error of the registry, and a value here: one that comes when nobody
 * waits any more is thrown away.
 */
interface CloudClient {

	/**
	 * Returns what the client is, for people.
	 * @return the client's own description
	 */
	String description();

	/**
	 * Asks for the names of all services.
	 * @param <R> what becomes of the answer
	 * @param mapping makes it of the names, while the client may still be waited for:
	 * also what is in an answer is the client's
	 * @return what the mapping returned
	 */
	<R> Mono<Signal<R>> services(Function<List<String>, R> mapping);

	/**
	 * Asks for the instances of a service.
	 * @param <R> what becomes of the answer
	 * @param service the name
	 * @param mapping makes it of the instances, while the client may still be waited for
	 * @return what the mapping returned
	 */
	<R> Mono<Signal<R>> instances(String service, Function<List<ServiceInstance>, R> mapping);

	/**
	 * Adapts a blocking client. A question that is given up is interrupted; while the
	 * client does not return even then, it is not asked the same on top.
	 * @param client the client
	 * @return the client
	 */
	static CloudClient of(DiscoveryClient client) {
		Map<Object, Long> asking = new ConcurrentHashMap<>();
		Object list = new Object();
		return new CloudClient() {

			@Override
			public String description() {
				return client.description();
			}

			@Override
			public <R> Mono<Signal<R>> services(Function<List<String>, R> mapping) {
				return ask(list, client::getServices, mapping);
			}

			@Override
			public <R> Mono<Signal<R>> instances(String service, Function<List<ServiceInstance>, R> mapping) {
				return ask(service, () -> client.getInstances(service), mapping);
			}

			private <T, R> Mono<Signal<R>> ask(Object question, Callable<@Nullable List<T>> call,
					Function<List<T>, R> mapping) {
				return Mono.fromCallable(() -> answer(question, call, mapping));
			}

			private <T, R> Signal<R> answer(Object question, Callable<@Nullable List<T>> call,
					Function<List<T>, R> mapping) {
				long now = System.nanoTime();
				Long since = asking.putIfAbsent(question, now);
				if (since != null) {
					return Signal.error(new CloudFailure("no answer for " + DurationText.ofNanos(now - since)));
				}
				try {
					List<T> answer = call.call();
					return (answer != null) ? mapped(answer, mapping) : Signal.complete();
				}
				catch (Throwable ex) {
					// Also a class that a client does not find must not end the watch.
					return Signal.error(CloudFailure.of(ex));
				}
				finally {
					asking.remove(question);
				}
			}

		};
	}

	/**
	 * Adapts a reactive client. A question that is given up is cancelled.
	 * @param client the client
	 * @return the client
	 */
	static CloudClient of(ReactiveDiscoveryClient client) {
		return new CloudClient() {

			@Override
			public String description() {
				return client.description();
			}

			@Override
			public <R> Mono<Signal<R>> services(Function<List<String>, R> mapping) {
				return ask(client::getServices, mapping);
			}

			@Override
			public <R> Mono<Signal<R>> instances(String service, Function<List<ServiceInstance>, R> mapping) {
				return ask(() -> client.getInstances(service), mapping);
			}

			private <T, R> Mono<Signal<R>> ask(Supplier<Flux<T>> call, Function<List<T>, R> mapping) {
				return Mono.defer(() -> {
					try {
						return call.get()
							.collectList()
							.map((answer) -> mapped(answer, mapping))
							.onErrorResume((failure) -> Mono.just(Signal.error(CloudFailure.of(failure))));
					}
					catch (Throwable ex) {
						return Mono.just(Signal.error(CloudFailure.of(ex)));
					}
				});
			}

		};
	}

	/** Reactor lets some errors pass, such as that of a missing class. */
	private static <T, R> Signal<R> mapped(List<T> answer, Function<List<T>, R> mapping) {
		try {
			// A copy: some clients' lists find out only then that they fail, or change
			// later.
			return Signal.next(mapping.apply(new ArrayList<>(answer)));
		}
		catch (Throwable ex) {
			return Signal.error(CloudFailure.of(ex));
		}
	}

}
