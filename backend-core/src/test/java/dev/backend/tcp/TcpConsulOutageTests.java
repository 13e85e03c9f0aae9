package dev.backend.tcp;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.discovery.consul.ConsulAgent;
import dev.backend.discovery.consul.ConsulDiscoverySettings;
import dev.backend.discovery.consul.ConsulServiceDiscovery;
import dev.backend.discovery.consul.ConsulTimings;
import dev.backend.discovery.consul.HttpFaultProxy;
import dev.backend.discovery.consul.HttpFaultProxy.Fault;
import dev.backend.test.SlowTest;
import dev.backend.test.fault.FaultProxy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens to Consul, or on the way to it, must not happen to the connections: with
 * the removal mode that is quickest to close, and real servers.
 */
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class TcpConsulOutageTests {

	private static final int SERVERS = 5;

	/** Three times what the project promises for the state and its reason. */
	private static final Duration NOTICED = Duration.ofSeconds(15);

	/** Three times what the project promises for the view, after Consul is right. */
	private static final Duration RECOVERED = Duration.ofSeconds(9);

	private static final Duration CONFIRMATION = Duration.ofSeconds(3);

	/** How long Consul is away; longer than a loss needs to be confirmed. */
	private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("backend.test.outage-seconds", 4));

	private static final String[] IDS = IntStream.range(0, SERVERS).mapToObj((i) -> "game-" + i).toArray(String[]::new);

	@RegisterExtension
	private final TcpFixture fixture = new TcpFixture();

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private final List<TestServer> servers = new ArrayList<>();

	private @Nullable TcpBackend<Frame> backend;

	private ConsulAgent agent;

	private FaultProxy proxy;

	private HttpFaultProxy answers;

	private ConsulServiceDiscovery discovery;

	@BeforeEach
	void startFleet() throws Exception {
		this.agent = ConsulAgent.start();
		this.answers = new HttpFaultProxy(this.agent.httpPort());
		this.proxy = new FaultProxy(this.answers.port());
		this.discovery = new ConsulServiceDiscovery(
				ConsulDiscoverySettings.defaults(URI.create("http://127.0.0.1:" + this.proxy.port()))
					.withTimings(ConsulTimings.defaults().withConfirmationDelay(CONFIRMATION)));
		for (int i = 0; i < SERVERS; i++) {
			this.servers.add(this.fixture.server(TestServer.echo("echo ")));
			register(i);
		}
		this.discovery.subscribe(this.recorder);
		this.backend = this.fixture.start(new Frame.Codec(), this.fixture.handler(),
				(builder) -> builder.discovery(this.discovery)
					.settings(TcpFixture.fast().withRemoval(RemovalMode.IMMEDIATE)));
		await().until(() -> connections().size() == SERVERS);
		TcpFixture.ready(backend());
	}

	@AfterEach
	void stopFleet() throws IOException {
		if (this.backend != null) {
			this.backend.close();
		}
		if (this.discovery != null) {
			this.discovery.close();
		}
		if (this.proxy != null) {
			this.proxy.close();
		}
		if (this.answers != null) {
			this.answers.close();
		}
		if (this.agent != null) {
			this.agent.close();
		}
	}

	@Test
	void whenTheAgentIsKilledAndRestartedEmptyThenNothingIsDroppedWhileTheServersComeBack() throws IOException {
		Set<Object> before = connections();
		this.agent.kill();
		assertDown("no answer");
		outage();
		this.agent.launch();
		for (int i = 0; i < SERVERS; i++) {
			String last = IDS[i];
			register(i);
			await().atMost(RECOVERED).until(() -> this.recorder.ids().contains(last));
		}
		assertUnharmed(before);
	}

	@Test
	void whenTheAgentIsSuspendedThenNothingIsDropped() {
		Set<Object> before = connections();
		this.agent.suspend();
		assertDown("no answer");
		outage();
		this.agent.resume();
		assertUnharmed(before);
	}

	@Test
	void whenTheClusterHasNoLeaderThenNothingIsDropped() throws IOException {
		Set<Object> before = connections();
		this.agent.kill();
		this.agent.launchLeaderless();
		assertDown("no leader");
		outage();
		this.agent.kill();
		this.agent.launch();
		IntStream.range(0, SERVERS).forEach(this::register);
		assertUnharmed(before);
	}

	@Test
	void whenConnectionsToTheAgentAreResetThenNothingIsDropped() {
		Set<Object> before = connections();
		this.proxy.reset();
		assertUnharmed(before);
		this.proxy.refuse();
		assertDown("no answer");
		this.proxy.heal();
		assertUnharmed(before);
	}

	@Test
	void whenTheNetworkSwallowsEverythingThenNothingIsDropped() {
		Set<Object> before = connections();
		this.proxy.blackhole();
		assertDown("no answer");
		outage();
		this.proxy.heal();
		assertUnharmed(before);
	}

	@Test
	void whenTheAgentAnswersWhatIsWrongThenNothingIsDropped() {
		Set<Object> before = connections();
		Map<Fault, String> faults = new LinkedHashMap<>();
		faults.put(Fault.status500("rpc error"), "500 rpc error");
		faults.put(Fault.on("/v1/health", Fault.half()), "service 'game'");
		faults.put(Fault.on("/v1/health", Fault.halfAsWhole()), "not whole");
		faults.put(Fault.on("/v1/health", Fault.header("X-Consul-Knownleader", "false")), "no leader");
		faults.put(
				Fault.on("/v1/health",
						(path, answer) -> HttpFaultProxy.answer("HTTP/1.1 200 OK\r\nX-Consul-Index: 9", "[]")),
				"no instance of it");
		faults.forEach((fault, reason) -> {
			this.answers.inject(fault);
			assertDown(reason);
		});
		outage();
		this.answers.heal();
		assertUnharmed(before);
	}

	@Test
	void whenTheIndexIsSetBackToZeroThenNothingIsDropped() {
		Set<Object> before = connections();
		this.answers.inject(Fault.header("X-Consul-Index", "0"));
		outage();
		assertUnharmed(before);
		this.answers.heal();
		assertUnharmed(before);
	}

	@Test
	void whenTheNetworkIsSlowAndCutsAnswersInPiecesThenTheViewStaysUp() {
		Set<Object> before = connections();
		this.proxy.slow(Duration.ofMillis(1));
		this.proxy.slice(50);
		this.agent.register("game", "game-x", this.servers.get(0).port());
		await().until(() -> this.recorder.ids().contains("game-x"));
		this.agent.deregister("game-x");
		await().atMost(RECOVERED).until(() -> this.recorder.shows(IDS));
		assertThat(this.discovery.status().state()).isEqualTo(State.UP);
		assertThat(connections()).containsAll(before);
	}

	private void register(int server) {
		this.agent.register("""
				{"Name": "game", "ID": "%s", "Address": "127.0.0.1", "Port": %d, "Meta": {"scheme": "tcp"}}"""
			.formatted(IDS[server], this.servers.get(server).port()));
	}

	private void assertDown(String reason) {
		await().atMost(NOTICED)
			.until(() -> this.discovery.status().state() == State.DOWN
					&& String.valueOf(this.discovery.status().reason()).contains(reason));
	}

	/** As long as it would take until a loss is confirmed. */
	private static void outage() {
		await().pollDelay(OUTAGE).atMost(OUTAGE.plusSeconds(10)).until(() -> true);
	}

	/** The view is right and the state is up in time; no connection was touched. */
	private void assertUnharmed(Set<Object> before) {
		await().atMost(RECOVERED).until(() -> this.discovery.status().state() == State.UP && this.recorder.shows(IDS));
		// Until a loss would be confirmed, had the view not recovered.
		await().until(() -> backend().holds().isEmpty());
		assertThat(connections()).isEqualTo(before);
		assertThat(this.fixture.handler().calls).noneMatch((call) -> call.startsWith("disconnected"));
		assertThat(backend().group("game").routing().members()).hasSize(SERVERS);
		for (int i = 0; i < SERVERS; i++) {
			CompletableFuture<Frame> reply = backend().request("game", Route.hash("key-" + i),
					Frame.request(1000L + i, "hello"), Duration.ofSeconds(5));
			assertThat(reply.join().text()).isEqualTo("echo hello");
		}
	}

	/** The servers' ends of the connections; each new one is another object. */
	private Set<Object> connections() {
		Set<Object> connections = new HashSet<>();
		this.servers.forEach((server) -> connections.addAll(server.connections()));
		return connections;
	}

	private TcpBackend<Frame> backend() {
		return Objects.requireNonNull(this.backend);
	}

}
