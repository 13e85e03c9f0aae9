package dev.backend.registries;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.test.FreePorts;
import dev.backend.test.SlowTest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A real server of Eureka, and real clients of it. What is measured stands in the log,
 * and in docs/discovery.md.
 */
@SlowTest
class EurekaTests {

	private static final Set<String> BOTH = Set.of("game-1", "game-2");

	private static final Duration LONG = Duration.ofMinutes(3);

	private final int port = FreePorts.one();

	private JavaProcess eureka = EurekaServerProgram.start(this.port);

	private final JavaProcess first = GameServerProgram.inEureka("game-1", this.port);

	private final JavaProcess second = GameServerProgram.inEureka("game-2", this.port);

	private Gateway gateway = gateway();

	private Gateway gateway() {
		return Gateway.start("spring.cloud.zookeeper.enabled=false",
				"eureka.client.service-url.defaultZone=http://127.0.0.1:%d/eureka/".formatted(this.port),
				"eureka.instance.instance-id=gateway", "eureka.instance.hostname=127.0.0.1",
				"eureka.instance.non-secure-port=8080", "eureka.client.jersey.enabled=false");
	}

	@BeforeEach
	void bothAreReady() {
		this.gateway.measure("Eureka: two instances are connected since the start of the gateway", LONG,
				() -> this.gateway.ready().equals(BOTH));
	}

	@AfterEach
	void close() throws Exception {
		this.gateway.close();
		this.first.close();
		this.second.close();
		this.eureka.close();
	}

	@Test
	void instancesThatComeAndGoAreSeen() throws Exception {
		try (JavaProcess third = GameServerProgram.inEureka("game-3", this.port)) {
			this.gateway.measure("Eureka: a new instance is connected", LONG,
					() -> this.gateway.ready().contains("game-3"));
			status("PUT", "game-3", "OUT_OF_SERVICE");
			this.gateway.measure("Eureka: an instance that is out of service is gone", LONG,
					() -> !this.gateway.listed().contains("game-3"));
			status("DELETE", "game-3", "UP");
			this.gateway.measure("Eureka: an instance that is up again is connected", LONG,
					() -> this.gateway.ready().contains("game-3"));
			third.stop();
			this.gateway.measure("Eureka: an instance that ended in order is gone", LONG,
					() -> !this.gateway.listed().contains("game-3"));
		}
		assertThat(this.gateway.ready()).isEqualTo(BOTH);
		assertThat(this.gateway.disconnected()).containsOnly("game-3");
	}

	@Test
	void whenAnInstanceIsKilledThenItIsNotUsedWhileEurekaStillListsIt() throws Exception {
		this.second.kill();
		this.gateway.measure("Eureka: an instance that was killed is not used", LONG,
				() -> this.gateway.ready().equals(Set.of("game-1")));
		Awaitility.await()
			.during(Duration.ofMinutes(5))
			.atMost(Duration.ofMinutes(6))
			.until(() -> this.gateway.listed().equals(BOTH));
		assertThat(this.gateway.ready()).containsExactly("game-1");
	}

	@Test
	void whenEurekaIsRestartedEmptyThenNobodyIsDropped() throws Exception {
		this.eureka.kill();
		this.eureka = EurekaServerProgram.start(this.port);
		keepsBoth(Duration.ofMinutes(4));
		assertThat(this.gateway.listed()).isEqualTo(BOTH);
		assertThat(this.gateway.status().state()).isEqualTo(State.UP);
	}

	@Test
	void whenEurekaIsDownThenNobodyIsDropped() throws Exception {
		this.eureka.kill();
		keepsBoth(Duration.ofMinutes(4));
		// The client answers from its cache.
		assertThat(this.gateway.status().state()).isEqualTo(State.UP);
		this.eureka = EurekaServerProgram.start(this.port);
		try (JavaProcess third = GameServerProgram.inEureka("game-3", this.port)) {
			this.gateway.measure("Eureka: a new instance is connected after an outage", LONG,
					() -> this.gateway.ready().contains("game-3"));
			keepsBoth(Duration.ofMinutes(2));
			third.stop();
		}
	}

	private void keepsBoth(Duration time) {
		Awaitility.await()
			.during(time)
			.atMost(time.plusSeconds(30))
			.until(() -> this.gateway.ready().containsAll(BOTH) && this.gateway.disconnected().isEmpty());
	}

	private void status(String method, String id, String status) throws IOException, InterruptedException {
		URI uri = URI
			.create("http://127.0.0.1:%d/eureka/apps/GAME/%s/status?value=%s".formatted(this.port, id, status));
		HttpResponse<String> response = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
					HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
	}

}
