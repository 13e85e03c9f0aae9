package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.backend.discovery.FailureText;
import dev.backend.execution.DaemonThreads;
import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Reads everything that is watched from a discovery client, {@value #AT_ONCE} services at
 * once, on threads of its own, which wait for a blocking client. Each question is given
 * up after the response time-out; and the whole read when all must have been, since an
 * error that Reactor lets pass ends nothing.
 *
 * <p>
 * Some clients answer an error with an empty list. So a read that finds nothing at all
 * also asks which services there are: a registry that works lists at least one, that of
 * an application that asks or its own.
 */
final class CloudReader implements AutoCloseable {

	private static final int AT_ONCE = 8;

	private final CloudClient client;

	private final Set<String> wanted;

	private final int maximumServices;

	private final Duration timeout;

	private final Scheduler threads;

	/** What was read last, if the client says which services there are. */
	private volatile Set<String> known = Set.of();

	/**
	 * Creates a reader, whose threads start when they are needed.
	 * @param client the client to ask
	 * @param settings what to ask it for, and how long an answer may take
	 */
	CloudReader(CloudClient client, SpringCloudDiscoverySettings settings) {
		this(client, settings, Schedulers.fromExecutorService(threads()));
	}

	/**
	 * Creates a reader.
	 * @param client the client to ask
	 * @param settings what to ask it for, and how long an answer may take
	 * @param threads where the client is asked; disposed of with this reader
	 */
	CloudReader(CloudClient client, SpringCloudDiscoverySettings settings, Scheduler threads) {
		this.client = client;
		this.wanted = settings.serviceNames();
		this.maximumServices = settings.maximumServices();
		this.timeout = settings.responseTimeout();
		this.threads = threads;
	}

	/**
	 * Reads once for each subscription, which does not wait.
	 * @param failing told at once, on any thread, when a service cannot be read
	 * @return the answer; fails with a {@link CloudFailure} if the list of services
	 * cannot be read
	 */
	Mono<CloudAnswer> read(Consumer<CloudFailure> failing) {
		return all(failing).timeout(longest(), Mono.error(() -> new CloudFailure("a read has not ended")));
	}

	/** When all questions are given up, one after another, and some more. */
	private Duration longest() {
		int services = this.wanted.isEmpty() ? this.maximumServices : this.wanted.size();
		return this.timeout.multipliedBy(services / AT_ONCE + 3);
	}

	private Mono<CloudAnswer> all(Consumer<CloudFailure> failing) {
		if (this.wanted.isEmpty()) {
			return names()
				.flatMap((names) -> read(bounded(names), failing).map((answer) -> answer.withListed(names.size())));
		}
		return read(this.wanted, failing).flatMap((answer) -> answer.isEmpty()
				? names().map((names) -> answer.withListed(names.size())) : Mono.just(answer));
	}

	/** Interrupts what waits for the client. */
	@Override
	public void close() {
		this.threads.dispose();
	}

	/** Those that were there first stay. */
	private Set<String> bounded(Set<String> names) {
		Set<String> taken = names;
		if (names.size() > this.maximumServices) {
			Set<String> before = this.known;
			taken = new LinkedHashSet<>();
			names.stream().filter(before::contains).limit(this.maximumServices).forEach(taken::add);
			names.stream()
				.filter((name) -> !before.contains(name))
				.limit(this.maximumServices - taken.size())
				.forEach(taken::add);
		}
		this.known = taken;
		return taken;
	}

	private Mono<CloudAnswer> read(Collection<String> names, Consumer<CloudFailure> failing) {
		return Flux.fromIterable(names)
			.flatMap(
					(name) -> read(name).doOnError(CloudFailure.class, failing)
						.onErrorResume(CloudFailure.class, (failure) -> Mono.just(new Read(name, null, failure))),
					AT_ONCE)
			.collectList()
			.map(CloudReader::answer);
	}

	private Mono<Read> read(String name) {
		return ask("service '" + FailureText.printable(name) + "'",
				this.client.instances(name, (instances) -> new Read(name, CloudContent.of(name, instances), null)));
	}

	private Mono<Set<String>> names() {
		return ask("the list of services", this.client.services((names) -> {
			Set<String> read = new LinkedHashSet<>(names);
			read.removeIf((name) -> name == null || name.isBlank());
			return read;
		}));
	}

	private <R> Mono<R> ask(String what, Mono<Signal<R>> question) {
		return question.subscribeOn(this.threads)
			.timeout(this.timeout, Mono.error(() -> new CloudFailure("no answer for " + DurationText.of(this.timeout))))
			.<R>dematerialize()
			.switchIfEmpty(Mono.error(() -> new CloudFailure("no answer (expected: a list)")))
			.onErrorMap((failure) -> new CloudFailure(what, failure));
	}

	private static CloudAnswer answer(List<Read> reads) {
		Map<String, CloudContent> services = new LinkedHashMap<>();
		Map<String, CloudFailure> failures = new LinkedHashMap<>();
		for (Read read : reads) {
			if (read.content() != null) {
				services.put(read.name(), read.content());
			}
			if (read.failure() != null) {
				failures.put(read.name(), read.failure());
			}
		}
		return new CloudAnswer(services, failures, -1);
	}

	private static ThreadPoolExecutor threads() {
		ThreadPoolExecutor threads = new ThreadPoolExecutor(AT_ONCE, AT_ONCE, 10, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), new DaemonThreads().named("backend-cloud-read"),
				new ThreadPoolExecutor.DiscardPolicy());
		threads.allowCoreThreadTimeOut(true);
		return threads;
	}

	/**
	 * What came of one service: its content, or why there is none.
	 */
	private record Read(String name, @Nullable CloudContent content, @Nullable CloudFailure failure) {
	}

}
