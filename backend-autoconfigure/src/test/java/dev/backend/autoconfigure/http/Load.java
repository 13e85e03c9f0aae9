package dev.backend.autoconfigure.http;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.autoconfigure.support.NginxServer;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;

import org.springframework.context.ApplicationContext;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Many requests for the service pay by a {@code WebClient} that the ring leads, over
 * connections that are kept. The keys take turns.
 */
final class Load {

	/** Stands for the answer of a request that has failed. */
	static final String FAILED = "failed";

	/** How many requests are under way at once. */
	static final int CONCURRENCY = 64;

	/**
	 * So long without any answer is a failure; how long they all take is the machine's.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private final WebClient client;

	private final List<String> keys;

	Load(ApplicationContext context, List<String> keys) {
		this.client = WebClient.builder()
			.clientConnector(new ReactorClientHttpConnector(untracked()))
			.baseUrl("http://pay")
			.filter(context.getBean(HttpBackendExchangeFilter.class))
			.build();
		this.keys = keys;
	}

	Outcome run(int requests) {
		return run(requests, requests, () -> {
		});
	}

	/** Does something when so many requests have begun; the others go on meanwhile. */
	Outcome run(int requests, int begun, Runnable action) {
		Outcome outcome = new Outcome(new ConcurrentHashMap<>(), new AtomicInteger(), new AtomicLong());
		Mono<Void> interruption = Mono.<Void>fromRunnable(action).subscribeOn(Schedulers.boundedElastic());
		Flux.range(0, requests)
			.flatMap((i) -> (i == begun) ? interruption.then(ask(i, outcome)) : ask(i, outcome), CONCURRENCY)
			.timeout(TIMEOUT)
			.blockLast();
		return outcome;
	}

	/** Not watched for leaks, which would take most of the time; the servers' are. */
	private static HttpClient untracked() {
		return HttpClient.create().option(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false, true));
	}

	private Mono<String> ask(int number, Outcome outcome) {
		String key = this.keys.get(number % this.keys.size());
		return this.client.get()
			.uri("/orders/{number}", number)
			.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
			.exchangeToMono((response) -> answer(response, outcome))
			.onErrorResume((ex) -> {
				outcome.failed().incrementAndGet();
				return Mono.just(FAILED);
			})
			.doOnNext((answer) -> outcome.add(key, answer));
	}

	private static Mono<String> answer(ClientResponse response, Outcome outcome) {
		response.headers()
			.header(NginxServer.REQUESTS_HEADER)
			.forEach((requests) -> outcome.perConnection().accumulateAndGet(Long.parseLong(requests), Math::max));
		return response.bodyToMono(String.class).defaultIfEmpty(response.statusCode().toString());
	}

	/**
	 * What became of the requests.
	 *
	 * @param byKey who has answered the requests with a key
	 * @param failed how many requests had no answer
	 * @param perConnection the most requests over one connection to an nginx
	 */
	record Outcome(Map<String, Set<String>> byKey, AtomicInteger failed, AtomicLong perConnection) {

		int failures() {
			return this.failed.get();
		}

		/** Returns the keys that others than their owner have answered, with those. */
		Map<String, Set<String>> wrong(Map<String, String> owners) {
			Map<String, Set<String>> wrong = new ConcurrentHashMap<>(this.byKey);
			wrong.entrySet()
				.removeIf(
						(entry) -> entry.getValue().equals(Set.of(Objects.requireNonNull(owners.get(entry.getKey())))));
			return wrong;
		}

		private void add(String key, String answer) {
			this.byKey.computeIfAbsent(key, (absent) -> ConcurrentHashMap.newKeySet()).add(answer);
		}

	}

}
