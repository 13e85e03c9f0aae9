package dev.backend.discovery.consul;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.backend.discovery.FailureText;
import dev.backend.discovery.consul.BlockingQuery.Answer;
import dev.backend.discovery.consul.BlockingQuery.Options;
import dev.backend.discovery.consul.ConsulHttp.Response;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import tools.jackson.core.JacksonException;

/**
 * Asks Consul by its HTTP API.
 *
 * <p>
 * A token without the right to read makes no error in Consul but an answer without what
 * it may not see. So an empty answer is not believed by itself: a catalog has at least
 * Consul's own service, and a service that the catalog lists has an instance. Consul 1.11
 * and later says of an answer that it lacks something.
 */
final class ConsulApi implements ConsulQueries {

	/** Matches nothing: the answer says only that something has changed. */
	private static final String NOTHING = "Node%3D%3D%22%22";

	private static final String NO_INSTANCE = "Node.Node%3D%3D%22%22";

	/** A node that no node is: the answer has the index, but no names. */
	private static final String NO_NODE = "?node-meta=backend%3Anone";

	private static final String CATALOG = "/v1/catalog/services";

	private static final String HIDDEN = "expected: a token with service:read and node:read";

	private final ConsulHttp http;

	private final AnswerReader reader;

	ConsulApi(ConsulDiscoverySettings settings) {
		this.http = new ConsulHttp(settings);
		this.reader = new AnswerReader(settings.tag(), settings.rules());
	}

	@Override
	public Mono<String> leader() {
		return this.http.get("/v1/status/leader", (response) -> {
			String leader = read(this.reader::text, response);
			if (leader.isBlank()) {
				throw ConsulFailure.refused("the cluster has no leader");
			}
			return leader;
		});
	}

	@Override
	public Mono<Answer<ServiceNames>> names(Options options) {
		return ask(CATALOG, "", options, this.reader::names).map((answer) -> {
			if (answer.content().listed().isEmpty()) {
				throw ConsulFailure.refused("lists no service at all, not even its own (" + HIDDEN + ")");
			}
			return answer;
		});
	}

	@Override
	public Mono<Answer<ServiceContent>> service(String name, Options options) {
		return health(name, options)
			.flatMap((answer) -> answer.content().isEmpty() ? verifyEmpty(name, answer) : Mono.just(answer));
	}

	@Override
	public Mono<Answer<Boolean>> anyService(Options options) {
		return names(options).map((answer) -> answer.map((names) -> true));
	}

	@Override
	public Mono<Answer<Boolean>> anyCheck(Options options) {
		return ask("/v1/health/state/any", NOTHING, options, this.reader::list);
	}

	@Override
	public Mono<Answer<Boolean>> anyNode(Options options) {
		return ask("/v1/catalog/nodes", NOTHING, options, this.reader::list);
	}

	@Override
	public Mono<List<Long>> indexes() {
		Mono<Long> catalog = this.http.get(CATALOG + NO_NODE, ConsulApi::index);
		Mono<Long> checks = anyCheck(Options.NOW).map(Answer::index);
		Mono<Long> nodes = anyNode(Options.NOW).map(Answer::index);
		// As signals: of two failures, the second would have nobody to go to.
		return Mono.zip(catalog.materialize(), checks.materialize(), nodes.materialize())
			.map((found) -> Stream.of(found.getT1(), found.getT2(), found.getT3()).map(ConsulApi::value).toList());
	}

	private static long value(Signal<Long> signal) {
		Long value = signal.get();
		if (value == null) {
			throw ConsulFailure.of(Objects.requireNonNull(signal.getThrowable()));
		}
		return value;
	}

	@Override
	public Mono<Long> serviceIndex(String name) {
		return this.http.get(path(name) + Options.NOW.text(NO_INSTANCE), ConsulApi::index);
	}

	@Override
	public void close() {
		this.http.close();
	}

	private Mono<Answer<ServiceContent>> health(String name, Options options) {
		return this.http.get(path(name) + options.text(""), (response) -> {
			requireLeader(response);
			ServiceContent content = read((json) -> this.reader.service(name, json), response);
			if (content.isEmpty() && response.filtered()) {
				throw ConsulFailure.useless("hides all instances of it (" + HIDDEN + ")");
			}
			return new Answer<>(content, index(response));
		});
	}

	private static String path(String name) {
		return "/v1/health/service/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
	}

	/** Asks twice before it says so: the service may just have come back. */
	private Mono<Answer<ServiceContent>> verifyEmpty(String name, Answer<ServiceContent> empty) {
		return names(Options.NOW).flatMap((names) -> {
			if (!names.content().lists(name)) {
				return Mono.just(empty);
			}
			return health(name, Options.NOW).map((again) -> {
				if (again.content().isEmpty()) {
					throw ConsulFailure.useless("lists the service, but no instance of it (" + HIDDEN + ")");
				}
				return again;
			});
		});
	}

	private <T> Mono<Answer<T>> ask(String path, String filter, Options options, Function<byte[], T> mapping) {
		return this.http.get(path + options.text(filter), (response) -> {
			requireLeader(response);
			return new Answer<>(read(mapping, response), index(response));
		});
	}

	private static void requireLeader(Response response) {
		if (!response.leaderKnown()) {
			throw ConsulFailure.refused("the cluster has no leader");
		}
	}

	private static long index(Response response) {
		@Nullable String text = response.index();
		try {
			return Long.parseUnsignedLong(String.valueOf(text)) & Long.MAX_VALUE;
		}
		catch (NumberFormatException ex) {
			throw ConsulFailure.refused("answers with the X-Consul-Index %s (expected: a number)"
				.formatted((text != null) ? "'" + FailureText.printable(text) + "'" : "missing"));
		}
	}

	private static <T> T read(Function<byte[], T> mapping, Response response) {
		try {
			return mapping.apply(response.body());
		}
		catch (JacksonException ex) {
			throw ConsulFailure.refused("answers what is not whole: " + FailureText.printable(ex.getOriginalMessage()));
		}
	}

}
