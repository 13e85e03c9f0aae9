package dev.backend.discovery.consul;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.discovery.consul.BlockingQuery.Answer;
import dev.backend.discovery.consul.BlockingQuery.Options;
import dev.backend.test.VirtualTime;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A Consul in memory whose time passes when a test says so.
 */
final class FakeConsul implements ConsulQueries {

	final VirtualTime time = new VirtualTime();

	private final Scheduler scheduler = Schedulers.fromExecutorService(this.time);

	private final AnswerReader reader = new AnswerReader(null, InstanceRules.defaults());

	private final Map<String, List<String>> services = new LinkedHashMap<>();

	private final Map<String, ConsulFailure> failures = new LinkedHashMap<>();

	private Sinks.Empty<Void> changed = Sinks.empty();

	private long index = 7;

	private boolean silent;

	private @Nullable String hanging;

	private @Nullable ConsulFailure namesFailure;

	int asked;

	/** Watches this. */
	ConsulServiceDiscovery watch(ConsulDiscoverySettings settings, SnapshotRecorder recorder) {
		ConsulServiceDiscovery discovery = new ConsulServiceDiscovery(settings,
				() -> ConsulWatch.start(settings, this, new DiscoveryLoop("virtual", this.time, this.time::nanoTime)));
		discovery.subscribe(recorder);
		this.time.run();
		return discovery;
	}

	void list(String name, String... ids) {
		this.services.put(name, List.of(ids));
		change();
	}

	void remove(String name) {
		this.services.remove(name);
		change();
	}

	/** What is asked of this service fails, or is answered again. */
	void fail(String name, @Nullable ConsulFailure failure) {
		if (failure != null) {
			this.failures.put(name, failure);
		}
		else {
			this.failures.remove(name);
		}
		change();
	}

	/** The list of services cannot be read. */
	void failNames(ConsulFailure failure) {
		this.namesFailure = failure;
		change();
	}

	/** What is asked of this service has no answer. */
	void hang(@Nullable String name) {
		this.hanging = name;
	}

	/** Nothing at all has an answer, or all has. */
	void silence(boolean silent) {
		this.silent = silent;
	}

	private void change() {
		this.index++;
		Sinks.Empty<Void> before = this.changed;
		this.changed = Sinks.empty();
		before.tryEmitEmpty();
	}

	private <T> Mono<Answer<T>> ask(Options options, Supplier<T> content) {
		return Mono.defer(() -> {
			this.asked++;
			if (this.silent) {
				return Mono.never();
			}
			Mono<Answer<T>> answer = Mono
				.defer(() -> this.silent ? Mono.never() : Mono.just(new Answer<>(content.get(), this.index)));
			if (options.index() == 0 || options.index() != this.index) {
				return answer;
			}
			return Mono.firstWithSignal(this.changed.asMono(), Mono.delay(options.waitTime(), this.scheduler).then())
				.then(answer);
		});
	}

	@Override
	public Mono<String> leader() {
		return ask(Options.NOW, () -> "127.0.0.1:8300").map(Answer::content);
	}

	@Override
	public Mono<Answer<ServiceNames>> names(Options options) {
		ConsulFailure failure = this.namesFailure;
		return (failure != null) ? Mono.error(failure)
				: ask(options,
						() -> this.reader.names(Stream.concat(Stream.of("consul"), this.services.keySet().stream())
							.map("\"%s\": []"::formatted)
							.collect(Collectors.joining(",", "{", "}"))
							.getBytes(StandardCharsets.UTF_8)));
	}

	@Override
	public Mono<Answer<ServiceContent>> service(String name, Options options) {
		if (name.equals(this.hanging)) {
			return Mono.never();
		}
		return ask(options, () -> {
			ConsulFailure failure = this.failures.get(name);
			if (failure != null) {
				throw failure;
			}
			return this.reader.service(name,
					this.services.entrySet()
						.stream()
						.filter((service) -> service.getKey().equalsIgnoreCase(name))
						.flatMap((service) -> service.getValue().stream().map((id) -> entry(service.getKey(), id)))
						.collect(Collectors.joining(",", "[", "]"))
						.getBytes(StandardCharsets.UTF_8));
		});
	}

	private static String entry(String name, String id) {
		return """
				{"Node": {"Node": "node-1", "Address": "127.0.0.1"},
				 "Service": {"Service": "%s", "ID": "%s", "Port": 7001}}""".formatted(name, id);
	}

	@Override
	public Mono<Long> serviceIndex(String name) {
		return ask(Options.NOW, () -> this.index).map(Answer::content);
	}

	@Override
	public Mono<Answer<Boolean>> anyService(Options options) {
		return ask(options, () -> true);
	}

	@Override
	public Mono<Answer<Boolean>> anyCheck(Options options) {
		return ask(options, () -> true);
	}

	@Override
	public Mono<Answer<Boolean>> anyNode(Options options) {
		return ask(options, () -> true);
	}

	@Override
	public Mono<List<Long>> indexes() {
		return ask(Options.NOW, () -> List.of(this.index)).map(Answer::content);
	}

	@Override
	public void close() {
		this.time.advance(Duration.ZERO);
	}

}
