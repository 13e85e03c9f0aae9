package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.SnapshotRecorder;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;

/**
 * A {@link StubClient}, and what reads it. All is closed after each test, whatever hangs.
 */
final class SpringCloudFixture implements AfterEachCallback {

	static final Duration SOON = Duration.ofMillis(200);

	static final Duration NEVER = Duration.ofHours(1);

	private final StubClient client = new StubClient();

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private final List<SpringCloudServiceDiscovery> discoveries = new ArrayList<>();

	StubClient client() {
		return this.client;
	}

	/** What those that are subscribed have brought. */
	SnapshotRecorder recorder() {
		return this.recorder;
	}

	static ServiceInstance instance(String id, int port) {
		return new DefaultServiceInstance(id, "game", "127.0.0.1", port, false);
	}

	static SpringCloudDiscoverySettings polling() {
		return settings(Set.of(), SOON, Duration.ofSeconds(3), 100);
	}

	static SpringCloudDiscoverySettings settings(Set<String> services, Duration poll, Duration timeout, int maximum) {
		Duration confirmation = (poll == NEVER) ? NEVER : Duration.ofSeconds(1);
		return new SpringCloudDiscoverySettings(services, poll, timeout, confirmation, 1000,
				InstanceRules.defaults().withMaximumInstances(maximum));
	}

	/** Reads the stub, and is subscribed to by the recorder. */
	SpringCloudServiceDiscovery subscribed(SpringCloudDiscoverySettings settings) {
		SpringCloudServiceDiscovery discovery = discovery(CloudClient.of(this.client), settings);
		discovery.subscribe(this.recorder);
		return discovery;
	}

	/** Closed after the test. */
	SpringCloudServiceDiscovery discovery(CloudClient client, SpringCloudDiscoverySettings settings) {
		SpringCloudServiceDiscovery discovery = new SpringCloudServiceDiscovery(client, settings);
		this.discoveries.add(discovery);
		return discovery;
	}

	static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
	}

	@Override
	public void afterEach(ExtensionContext context) {
		this.client.gate.countDown();
		this.discoveries.forEach(SpringCloudServiceDiscovery::close);
	}

}
