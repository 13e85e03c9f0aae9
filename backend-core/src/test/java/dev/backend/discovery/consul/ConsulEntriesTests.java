package dev.backend.discovery.consul;

import java.io.IOException;
import java.time.Duration;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.discovery.consul.HttpFaultProxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Whatever stands in the catalog, the other services are there.
 */
@ExtendWith(OutputCaptureExtension.class)
class ConsulEntriesTests {

	private ConsulAgent agent;

	private HttpFaultProxy proxy;

	private ConsulServiceDiscovery discovery;

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	@BeforeEach
	void start() throws IOException {
		this.agent = ConsulAgent.start();
		this.proxy = new HttpFaultProxy(this.agent.httpPort());
		this.discovery = new ConsulServiceDiscovery(this.proxy.settings());
		this.agent.register("login", "login-1", 7101);
	}

	@AfterEach
	void stop() throws IOException {
		this.discovery.close();
		this.proxy.close();
		this.agent.close();
	}

	@Test
	void whenThreeNodesHaveTheSameIdThenAllWatchersSeeThreeInstancesOfTheSameIds(CapturedOutput output) {
		registerOn("host-1", "game", "passing", "eu");
		registerOn("host-2", "game", "passing", "eu");
		registerOn("host-3", "Game", "critical", "us");
		watch(this.agent.settings());
		await().until(() -> this.recorder.shows("login-1", "game-7001@host-1", "game-7001@host-2"));
		assertThat(output).containsOnlyOnce("several nodes have the same id in service 'game', such as 'game-7001'");
		SnapshotRecorder tagged = new SnapshotRecorder();
		try (ConsulServiceDiscovery byTag = new ConsulServiceDiscovery(
				this.agent.settings().withTag("eu").withServiceNames("Game"))) {
			byTag.subscribe(tagged);
			await().until(() -> tagged.shows("game-7001@host-1", "game-7001@host-2"));
		}
		registerOn("host-3", "Game", "passing", "us");
		await().until(() -> this.recorder.shows("login-1", "game-7001@host-1", "game-7001@host-2", "game-7001@host-3"));
		assertThat(this.recorder.ids()).as("each once, though both spellings are listed").hasSize(4);
		assertThat(this.recorder.instance("game-7001@host-2").address()).isEqualTo("10.0.0.2");
		deregisterFrom("host-2");
		deregisterFrom("host-3");
		await().until(() -> this.recorder.shows("login-1", "game-7001"));
	}

	@Test
	void whenProxiesAndGatewaysOfAMeshAreRegisteredThenTheyAreNoInstances(CapturedOutput output) {
		this.agent.register("""
				{"Name": "web", "ID": "web-1", "Address": "127.0.0.1", "Port": 7201,
				 "Connect": {"SidecarService": {"Checks": []}}}""");
		this.agent.register("""
				{"Name": "mesh", "ID": "mesh-1", "Kind": "mesh-gateway", "Address": "127.0.0.1", "Port": 7202}""");
		this.agent.register("""
				{"Name": "web", "ID": "web-1-proxy", "Kind": "connect-proxy", "Address": "127.0.0.1", "Port": 7203,
				 "Proxy": {"DestinationServiceName": "web"}}""");
		watch(this.agent.settings());
		await().until(() -> this.recorder.shows("login-1", "web-1"));
		await().until(() -> this.discovery.status().state() == State.UP);
		assertThat(this.recorder.all()).flatExtracting((snapshot) -> snapshot.instances())
			.extracting(DiscoveredInstance::id)
			.containsOnly("login-1", "web-1");
		assertThat(output).containsOnlyOnce("entries of the kind 'connect-proxy'")
			.containsOnlyOnce("entries of the kind 'mesh-gateway'");
	}

	@ParameterizedTest
	@ValueSource(strings = { ".", "..", "a/../login", "../../agent/self", "a\\nconsul at http://forged: up" })
	void whenConsulCannotBeAskedForANameThenTheOthersAreThereAndHealthSaysSo(String name, CapturedOutput output) {
		this.agent.register(name, "odd-1", 7301);
		watch(this.proxy.settings());
		await().until(() -> this.recorder.shows("login-1"));
		await().until(() -> this.discovery.status().state() == State.UP);
		assertThat(this.discovery.status().reason())
			.contains("a service is left out, since Consul cannot be asked for a name such as '" + name);
		assertThat(output.getAll().lines()).noneMatch((line) -> line.startsWith("consul at"));
		assertThat(this.proxy.requests()).as("of nothing but the API of Consul")
			.noneMatch((request) -> request.contains("%2F") || request.contains("/."));
		this.agent.register("login", "login-2", 7102);
		await().until(() -> this.recorder.shows("login-1", "login-2"));
	}

	@Test
	void whenOneServiceFailsFromTheStartThenTheOthersAreThereAfterAWhileAndItJoins() {
		this.agent.register("game", "game-1", 7001);
		this.proxy.inject(Fault.on("/v1/health/service/game", Fault.status500("rpc error")));
		watch(this.proxy.settings());
		await().until(() -> this.recorder.shows("login-1"));
		await().untilAsserted(() -> assertThat(String.valueOf(this.discovery.status().reason()))
			.contains("service 'game': answers 500 rpc error"));
		this.proxy.heal();
		await().until(() -> this.recorder.shows("login-1", "game-1"));
		await().until(() -> this.discovery.status().state() == State.UP);
	}

	@Test
	void whenOneServiceIsRefusedForItselfThenTheOthersDoNotWait() {
		this.agent.register("game", "game-1", 7001);
		this.proxy.inject(Fault.on("/v1/health/service/game",
				(path, answer) -> HttpFaultProxy.answer("HTTP/1.1 400 Bad Request", "no such path")));
		// No later probe, which would end the patience.
		watch(this.proxy.settings().withTimings(ConsulTimings.defaults().withProbeInterval(Duration.ofMinutes(5))));
		await().until(() -> this.recorder.shows("login-1"));
		await().untilAsserted(() -> assertThat(String.valueOf(this.discovery.status().reason()))
			.contains("service 'game': answers 400 no such path"));
	}

	@Test
	void whenAnEmptyAnswerSaysThatItIsFilteredThenItIsNoEvidence() {
		this.agent.register("game", "game-1", 7001);
		watch(this.proxy.settings().withServiceNames("game", "login"));
		await().until(() -> this.recorder.shows("login-1", "game-1"));
		this.proxy.inject(Fault.on("/v1/health/service/game", (path, answer) -> HttpFaultProxy
			.answer("HTTP/1.1 200 OK\r\nX-Consul-Index: 9\r\nX-Consul-Results-Filtered-By-ACLs: true", "[]")));
		this.agent.deregister("game-1");
		await().until(() -> this.discovery.status().state() == State.DOWN
				&& String.valueOf(this.discovery.status().reason()).contains("service 'game': hides all instances"));
		assertThat(this.recorder.ids()).contains("game-1");
		this.proxy.heal();
		await().until(() -> this.recorder.shows("login-1"));
	}

	private void watch(ConsulDiscoverySettings settings) {
		this.discovery = new ConsulServiceDiscovery(settings);
		this.discovery.subscribe(this.recorder);
	}

	private void registerOn(String node, String name, String check, String tag) {
		this.agent.put("/v1/catalog/register", """
				{"Node": "%s", "Address": "10.0.0.%s",
				 "Service": {"Service": "%s", "ID": "game-7001", "Port": 7001, "Tags": ["%s"]},
				 "Checks": [{"CheckID": "alive", "Name": "alive", "ServiceID": "game-7001", "Status": "%s"}]}"""
			.formatted(node, node.substring(node.length() - 1), name, tag, check));
	}

	private void deregisterFrom(String node) {
		this.agent.put("/v1/catalog/deregister", """
				{"Node": "%s"}""".formatted(node));
	}

}
