package dev.backend.discovery.consul;

import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An agent that denies by default does not say so: it shows an empty world.
 */
@ExtendWith(OutputCaptureExtension.class)
class ConsulAccessTests {

	private static final String READ_ALL = "node_prefix \"\" { policy = \"read\" } "
			+ "service_prefix \"\" { policy = \"read\" }";

	private static ConsulAgent agent;

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private ConsulServiceDiscovery discovery;

	@BeforeAll
	static void startAgent() throws IOException {
		agent = ConsulAgent.startWithAccessControl();
		agent.register("game", "game-1", 7001);
	}

	@AfterAll
	static void stopAgent() throws IOException {
		if (agent != null) {
			agent.close();
		}
	}

	@BeforeEach
	void create() {
		this.discovery = new ConsulServiceDiscovery(agent.settings());
	}

	@AfterEach
	void close() {
		this.discovery.close();
	}

	@Test
	void whenTheTokenMayReadThenInstancesAreFound() {
		watch(agent.settings(token("read-all", READ_ALL)));
		await().until(() -> this.recorder.shows("game-1"));
		assertThat(this.discovery.status().state()).isEqualTo(State.UP);
	}

	@Test
	void whenThereIsNoTokenThenThatIsAnErrorAndNoEmptyFleet() {
		watch(agent.settings());
		awaitDown("lists no service at all", "service:read");
	}

	@Test
	void whenThereIsNoTokenForANamedServiceThenThatIsAnErrorAndNoEmptyFleet() {
		watch(agent.settings().withServiceNames("game"));
		awaitDown("service 'game'", "lists no service at all");
	}

	@Test
	void whenTheTokenMayReadServicesButNoNodesThenThatIsAnError() {
		watch(agent.settings(token("no-nodes", "service_prefix \"\" { policy = \"read\" }")));
		awaitDown("service 'game'", "but no instance of it", "node:read");
	}

	@Test
	void whenTheNodesOfOneServiceAreHiddenThenTheOthersAreThereAndItJoinsWhenTheyAreSeen() {
		agent.put("/v1/catalog/register", """
				{"Node": "host-2", "Address": "10.0.0.2",
				 "Service": {"Service": "hidden", "ID": "hidden-1", "Port": 7001}}""");
		String rules = "service_prefix \"\" { policy = \"read\" } node \"node-1\" { policy = \"read\" }";
		watch(agent.settings(token("one-node", rules)));
		await().until(() -> this.recorder.shows("game-1"));
		await().untilAsserted(() -> assertThat(String.valueOf(this.discovery.status().reason()))
			.contains("service 'hidden': ", "instance", "node:read"));
		agent.put("/v1/acl/policy/" + field("ID", agent.get("/v1/acl/policy/name/one-node")), """
				{"Name": "one-node", "Rules": "%s"}""".formatted(READ_ALL.replace("\"", "\\\"")));
		await().atMost(Duration.ofSeconds(40)).until(() -> this.recorder.shows("game-1", "hidden-1"));
		await().until(() -> this.discovery.status().state() == State.UP);
		agent.put("/v1/catalog/deregister", """
				{"Node": "host-2"}""");
	}

	@Test
	void whenTheTokenIsUnknownThenThatIsAnErrorWithoutTheToken(CapturedOutput output) {
		String token = "22222222-2222-2222-2222-222222222222";
		ConsulDiscoverySettings settings = agent.settings(token);
		this.discovery = new ConsulServiceDiscovery(settings);
		this.discovery.subscribe(this.recorder);
		awaitDown("denies access", "403", "ACL not found");
		assertThat(this.discovery.status().toString()).doesNotContain(token);
		assertThat(settings.toString()).doesNotContain(token);
		assertThat(output.getAll()).doesNotContain(token);
	}

	@Test
	void whenTheTokenIsRevokedThenTheViewStays() {
		String created = agent.put("/v1/acl/token", """
				{"Policies": [{"Name": "%s"}]}""".formatted(policy("revoked", READ_ALL)));
		watch(agent.settings(field("SecretID", created)));
		await().until(() -> this.recorder.shows("game-1"));
		agent.delete("/v1/acl/token/" + field("AccessorID", created));
		agent.register("game", "game-2", 7002);
		await().until(() -> this.discovery.status().state() == State.DOWN || this.recorder.shows("game-1", "game-2"));
		agent.deregister("game-2");
		await().atMost(Duration.ofSeconds(30)).until(() -> this.discovery.status().state() == State.DOWN);
		assertThat(this.recorder.all()).allSatisfy(
				(snapshot) -> assertThat(snapshot.instances()).extracting(DiscoveredInstance::id).contains("game-1"));
	}

	private void watch(ConsulDiscoverySettings settings) {
		this.discovery = new ConsulServiceDiscovery(settings);
		this.discovery.subscribe(this.recorder);
	}

	private void awaitDown(String... reasons) {
		await().untilAsserted(() -> {
			DiscoveryStatus status = this.discovery.status();
			assertThat(status.state()).isEqualTo(State.DOWN);
			assertThat(status.reason()).contains(reasons);
		});
		assertThat(this.recorder.all()).isEmpty();
	}

	private static String token(String name, String rules) {
		return field("SecretID", agent.put("/v1/acl/token", """
				{"Policies": [{"Name": "%s"}]}""".formatted(policy(name, rules))));
	}

	private static String policy(String name, String rules) {
		agent.put("/v1/acl/policy", """
				{"Name": "%s", "Rules": "%s"}""".formatted(name, rules.replace("\"", "\\\"")));
		return name;
	}

	private static String field(String name, String json) {
		Matcher matcher = Pattern.compile("\"" + name + "\": ?\"([^\"]+)\"").matcher(json);
		assertThat(matcher.find()).isTrue();
		return matcher.group(1);
	}

}
