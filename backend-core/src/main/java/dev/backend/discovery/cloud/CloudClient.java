package dev.backend.discovery.cloud;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

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
	 * @return the names
	 */
	Mono<Signal<List<String>>> services();

	/**
	 * Asks for the instances of a service.
	 * @param service the name
	 * @return the instances
	 */
	Mono<Signal<List<ServiceInstance>>> instances(String service);

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
			public Mono<Signal<List<String>>> services() {
				return ask(list, client::getServices);
			}

			@Override
			public Mono<Signal<List<ServiceInstance>>> instances(String service) {
				return ask(service, () -> client.getInstances(service));
			}

			private <T> Mono<Signal<List<T>>> ask(Object question, Callable<@Nullable List<T>> call) {
				return Mono.fromCallable(() -> answer(question, call));
			}

			private <T> Signal<List<T>> answer(Object question, Callable<@Nullable List<T>> call) {
				long now = System.nanoTime();
				Long since = asking.putIfAbsent(question, now);
				if (since != null) {
					return Signal
						.error(new CloudFailure("no answer for " + TimeUnit.NANOSECONDS.toMillis(now - since) + " ms"));
				}
				try {
					List<T> answer = call.call();
					// A copy: some clients' lists find out only then, or change later.
					return (answer != null) ? Signal.next(new ArrayList<>(answer)) : Signal.complete();
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
			public Mono<Signal<List<String>>> services() {
				return ask(client::getServices);
			}

			@Override
			public Mono<Signal<List<ServiceInstance>>> instances(String service) {
				return ask(() -> client.getInstances(service));
			}

			private <T> Mono<Signal<List<T>>> ask(Supplier<Flux<T>> call) {
				return Mono.defer(() -> {
					try {
						return call.get().collectList().materialize();
					}
					catch (Throwable ex) {
						return Mono.just(Signal.error(CloudFailure.of(ex)));
					}
				});
			}

		};
	}

}
