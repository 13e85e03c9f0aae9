package dev.backend.registries;

import java.time.Duration;
import java.util.Set;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.test.SlowTest;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A real server of ZooKeeper, and real clients of it. What is measured stands in the log,
 * and in docs/discovery.md.
 */
@SlowTest
class ZookeeperTests {

	private static final Set<String> BOTH = Set.of("game-1", "game-2");

	private static final Duration LONG = Duration.ofMinutes(3);

	private TestingServer zookeeper = new TestingServer();

	private final JavaProcess first = GameServerProgram.inZookeeper("game-1", this.zookeeper.getConnectString());

	private final JavaProcess second = GameServerProgram.inZookeeper("game-2", this.zookeeper.getConnectString());

	private final Gateway gateway = Gateway.start("eureka.client.enabled=false",
			"spring.cloud.zookeeper.connect-string=" + this.zookeeper.getConnectString());

	ZookeeperTests() throws Exception {
	}

	@BeforeEach
	void bothAreReady() {
		this.gateway.measure("ZooKeeper: two instances are connected since the start of the gateway", LONG,
				() -> this.gateway.ready().equals(BOTH));
	}

	@AfterEach
	void close() throws Exception {
		this.gateway.close();
		this.first.close();
		this.second.close();
		this.zookeeper.close();
	}

	@Test
	void instancesThatComeAndGoAreSeen() throws Exception {
		try (JavaProcess third = GameServerProgram.inZookeeper("game-3", this.zookeeper.getConnectString())) {
			this.gateway.measure("ZooKeeper: a new instance is connected", LONG,
					() -> this.gateway.ready().contains("game-3"));
			third.stop();
			this.gateway.measure("ZooKeeper: an instance that ended in order is gone", LONG,
					() -> !this.gateway.listed().contains("game-3"));
		}
		this.second.kill();
		this.gateway.measure("ZooKeeper: an instance that was killed is not used", LONG,
				() -> this.gateway.ready().equals(Set.of("game-1")));
		this.gateway.measure("ZooKeeper: an instance that was killed is gone", LONG,
				() -> this.gateway.listed().equals(Set.of("game-1")));
		assertThat(this.gateway.disconnected()).doesNotContain("game-1");
	}

	@Test
	void whenZookeeperIsRestartedWithItsDataThenNobodyIsDropped() throws Exception {
		this.zookeeper.stop();
		this.gateway.measure("ZooKeeper: health is down after the end of the server", LONG,
				() -> this.gateway.status().state() == State.DOWN);
		keepsBoth(Duration.ofMinutes(2));
		this.zookeeper.restart();
		this.gateway.measure("ZooKeeper: health is up after its return", LONG,
				() -> this.gateway.status().state() == State.UP);
		keepsBoth(Duration.ofMinutes(3));
		assertThat(this.gateway.listed()).isEqualTo(BOTH);
	}

	@Test
	void whenZookeeperIsRestartedEmptyThenNobodyIsDropped() throws Exception {
		int port = this.zookeeper.getPort();
		this.zookeeper.close();
		this.zookeeper = new TestingServer(port);
		keepsBoth(Duration.ofMinutes(4));
		assertThat(this.gateway.listed()).isEqualTo(BOTH);
		assertThat(this.gateway.status().state()).isEqualTo(State.UP);
	}

	private void keepsBoth(Duration time) {
		Awaitility.await()
			.during(time)
			.atMost(time.plusSeconds(30))
			.until(() -> this.gateway.ready().equals(BOTH) && this.gateway.disconnected().isEmpty());
	}

}
