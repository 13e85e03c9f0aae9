package dev.backend.discovery.consul;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

import dev.backend.discovery.DiscoveryContract;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.consul.BlockingQuery.Answer;
import dev.backend.discovery.consul.BlockingQuery.Options;
import dev.backend.discovery.consul.HttpFaultProxy.Fault;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import reactor.core.publisher.Mono;

/**
 * The contract of all sources, kept by Consul.
 */
@SlowTest
class ConsulContractTests extends DiscoveryContract {

	private static ConsulAgent agent;

	@BeforeAll
	static void startAgent() throws IOException {
		agent = ConsulAgent.start();
	}

	@AfterAll
	static void stopAgent() throws IOException {
		if (agent != null) {
			agent.close();
		}
	}

	@Override
	protected Registry registry() {
		try {
			return new ConsulRegistry(new HttpFaultProxy(agent.httpPort()));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static final class ConsulRegistry implements Registry {

		private final HttpFaultProxy proxy;

		private final Set<String> registered = new HashSet<>();

		private final AtomicReference<@Nullable Error> error = new AtomicReference<>();

		ConsulRegistry(HttpFaultProxy proxy) {
			this.proxy = proxy;
		}

		@Override
		public ServiceDiscovery open(InstanceRules rules) {
			ConsulDiscoverySettings settings = this.proxy.settings()
				.withRules(rules)
				.withTimings(ConsulTimings.defaults()
					.withConfirmationDelay(Duration.ofSeconds(1))
					.withProbeInterval(Duration.ofMillis(200)));
			return new ConsulServiceDiscovery(settings, () -> ConsulWatch.start(settings,
					new ThrowingQueries(new ConsulApi(settings), this.error), new DiscoveryLoop("contract-consul")));
		}

		@Override
		public void list(String... ids) {
			for (String id : ids) {
				register(id, "127.0.0.1");
			}
			List<String> gone = this.registered.stream()
				.filter((id) -> !id.equals("bad") && !List.of(ids).contains(id))
				.toList();
			if (gone.size() > 1) {
				// At once: no read is to see half of it.
				agent.put("/v1/txn", gone.stream()
					.map((id) -> "{\"Service\": {\"Verb\": \"delete\", \"Node\": \"%s\", \"Service\": {\"Service\": \"game\", \"ID\": \"%s\"}}}"
						.formatted("node-1", id))
					.collect(Collectors.joining(",", "[", "]")));
			}
			gone.forEach(this::deregister);
		}

		@Override
		public void fail() {
			this.proxy.inject(Fault.status500("No cluster leader"));
		}

		@Override
		public void answerInPart() {
			this.proxy.inject(Fault.on("/v1/health/service", Fault.halfAsWhole()));
		}

		@Override
		public void recover() {
			this.proxy.heal();
		}

		@Override
		public void addHostile() {
			register("bad", "127.0.0.1/any?x=");
		}

		@Override
		public boolean throwError() {
			this.error.set(new NoClassDefFoundError("forced"));
			return true;
		}

		@Override
		public void close() {
			List.copyOf(this.registered).forEach(this::deregister);
			try {
				this.proxy.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private void register(String id, String address) {
			this.registered.add(id);
			agent.register("""
					{"Name": "game", "ID": "%s", "Address": "%s", "Port": 7001, "Meta": {"scheme": "tcp"}}"""
				.formatted(id, address));
		}

		private void deregister(String id) {
			this.registered.remove(id);
			agent.deregister(id);
		}

	}

	/** Throws where an answer is handed over. */
	private record ThrowingQueries(ConsulQueries queries,
			AtomicReference<@Nullable Error> error) implements ConsulQueries {

		@Override
		public Mono<Answer<ServiceContent>> service(String name, Options options) {
			return this.queries.service(name, options).flatMap((answer) -> {
				Error thrown = this.error.getAndSet(null);
				return (thrown != null) ? Mono.error(thrown) : Mono.just(answer);
			});
		}

		@Override
		public Mono<String> leader() {
			return this.queries.leader();
		}

		@Override
		public Mono<Answer<ServiceNames>> names(Options options) {
			return this.queries.names(options);
		}

		@Override
		public Mono<Long> serviceIndex(String name) {
			return this.queries.serviceIndex(name);
		}

		@Override
		public Mono<Answer<Boolean>> anyService(Options options) {
			return this.queries.anyService(options);
		}

		@Override
		public Mono<Answer<Boolean>> anyCheck(Options options) {
			return this.queries.anyCheck(options);
		}

		@Override
		public Mono<Answer<Boolean>> anyNode(Options options) {
			return this.queries.anyNode(options);
		}

		@Override
		public Mono<List<Long>> indexes() {
			return this.queries.indexes();
		}

		@Override
		public void close() {
			this.queries.close();
		}

	}

}
