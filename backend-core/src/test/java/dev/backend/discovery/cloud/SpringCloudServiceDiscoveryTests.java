package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.LeftOut;
import dev.backend.discovery.ServiceDiscovery.Subscription;
import dev.backend.discovery.SnapshotRecorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.DefaultServiceInstance;

import static dev.backend.discovery.cloud.SpringCloudFixture.NEVER;
import static dev.backend.discovery.cloud.SpringCloudFixture.SOON;
import static dev.backend.discovery.cloud.SpringCloudFixture.await;
import static dev.backend.discovery.cloud.SpringCloudFixture.instance;
import static dev.backend.discovery.cloud.SpringCloudFixture.polling;
import static dev.backend.discovery.cloud.SpringCloudFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What is read of a discovery client that answers, in which order, how often, and what of
 * it is left out.
 */
@ExtendWith(OutputCaptureExtension.class)
class SpringCloudServiceDiscoveryTests {

	@RegisterExtension
	final SpringCloudFixture cloud = new SpringCloudFixture();

	private final StubClient client = this.cloud.client();

	private final SnapshotRecorder recorder = this.cloud.recorder();

	@Test
	void allServicesOfTheClientAreReadAndReadAgain() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = this.cloud.subscribed(polling());
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		this.client.put("chat", instance("c-1", 7101));
		await().until(() -> this.recorder.ids().equals(List.of("c-1", "g-1")));
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().instances()).isEqualTo(2);
		assertThat(discovery.status().source()).isEqualTo("spring cloud (stub)");
	}

	@Test
	void onlyTheNamedServicesAreRead() {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		this.client.failure = "services";
		this.cloud.subscribed(settings(Set.of("game"), SOON, Duration.ofSeconds(3), 100));
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		assertThat(this.client.asked).containsOnly("game");
	}

	@Test
	void theInstanceFirstSeenLatestStandsFirstWhateverTheClientsOrder() {
		this.client.put("game", instance("g-2", 7002));
		this.cloud.subscribed(polling());
		await().until(() -> this.recorder.ids().equals(List.of("g-2")));
		this.client.put("game", instance("g-1", 7001), instance("g-2", 7002));
		await().until(() -> this.recorder.ids().equals(List.of("g-1", "g-2")));
		this.client.put("game", instance("g-2", 7002), instance("g-1", 7001), instance("g-3", 7003));
		await().until(() -> this.recorder.ids().equals(List.of("g-3", "g-1", "g-2")));
	}

	@Test
	void severalServicesAreAskedForAtOnceButNotAll() {
		IntStream.range(0, 30).forEach((i) -> this.client.put("game-" + i, instance("g-" + i, 7000 + i)));
		this.client.failure = "slow";
		this.cloud.subscribed(settings(Set.of(), NEVER, Duration.ofSeconds(20), 100));
		await().until(() -> this.client.asking.get() == 8);
		this.client.failure = "";
		this.client.gate.countDown();
		await().until(() -> this.recorder.ids().size() == 30);
		assertThat(this.client.atOnce.get()).isEqualTo(8);
	}

	@Test
	void whenTheClientListsNothingFromTheStartThenTheStatusSaysSo() {
		SpringCloudServiceDiscovery discovery = this.cloud.subscribed(polling());
		await().until(() -> this.recorder.count() > 0);
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().reason()).contains("lists no service (expected: at least one)");
	}

	@Test
	void malformedInstancesAreLeftOutCountedAndLoggedOnce(CapturedOutput output) {
		this.client.put("game", instance("g-1", 7001), instance("g-2", 70_000), instance("g-3", 65536),
				instance("g\n4", 7004), new DefaultServiceInstance("g-5", "game", " ", 7005, false),
				instance("x".repeat(300), 7006));
		this.client.withNull = true;
		SpringCloudServiceDiscovery discovery = this.cloud.subscribed(polling());
		await().until(() -> this.recorder.count() > 3);
		assertThat(this.recorder.ids()).containsExactly("g-1");
		assertThat(discovery.status().rejected()).isEqualTo(6);
		assertThat(discovery.status().counts()).isEqualTo(new InstanceCounts(1, Map.of(LeftOut.MALFORMED, 6)));
		assertThat(output.toString().split("are left out that")).hasSize(2);
		assertThat(output).contains("6 entries are left out that were not before").doesNotContain("g\n4");
	}

	@Test
	void whenThereAreTooManyInstancesThenTheKnownOnesStay(CapturedOutput output) {
		this.client.put("game", instance("g-8", 7008), instance("g-9", 7009));
		SpringCloudServiceDiscovery discovery = this.cloud
			.subscribed(settings(Set.of(), SOON, Duration.ofSeconds(3), 3));
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.put("game", instance("g-1", 7001), instance("g-2", 7002), instance("g-3", 7003),
				instance("g-8", 7008), instance("g-9", 7009));
		await().until(() -> this.recorder.ids().size() == 3);
		assertThat(this.recorder.ids()).containsExactly("g-1", "g-9", "g-8");
		assertThat(discovery.status().rejected()).isEqualTo(2);
		int reads = this.recorder.count();
		await().until(() -> this.recorder.count() > reads + 2);
		assertThat(output.toString().split("5 entries \\(expected: at most 3\\)")).hasSize(2);
	}

	@Test
	void whenThereAreTooManyServicesThenTheKnownOnesStay() {
		this.client.put("game-8", instance("g-8", 7008));
		this.client.put("game-9", instance("g-9", 7009));
		SpringCloudServiceDiscovery discovery = this.cloud.subscribed(polling().withMaximumServices(2));
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.put("game-1", instance("g-1", 7001));
		await().until(() -> String.valueOf(discovery.status().reason())
			.endsWith("lists 3 services (expected: at most 2); those beyond are left out"));
		assertThat(this.recorder.ids()).containsExactlyInAnyOrder("g-8", "g-9");
		this.client.services.remove("game-9");
		await().until(() -> Set.copyOf(this.recorder.ids()).equals(Set.of("g-1", "g-8")));
		await().until(() -> discovery.status().reason() == null);
	}

	@Test
	void wakeUpsAreCollected() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = this.cloud
			.subscribed(settings(Set.of(), NEVER, Duration.ofSeconds(3), 100));
		await().until(() -> this.recorder.count() == 1);
		for (int i = 0; i < 1000; i++) {
			discovery.readNow();
		}
		await().until(() -> this.recorder.count() > 1);
		await().during(Duration.ofMillis(400)).until(() -> this.recorder.count() <= 3);
	}

	@Test
	void whenTheLastSubscriptionEndsThenReadingEnds() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = this.cloud.discovery(CloudClient.of(this.client), polling());
		assertThat(discovery.status().state()).isEqualTo(State.STARTING);
		Subscription first = discovery.subscribe(this.recorder);
		SnapshotRecorder other = new SnapshotRecorder();
		Subscription second = discovery.subscribe(other);
		await().until(() -> other.count() > 1);
		second.close();
		second.close();
		int count = this.recorder.count();
		await().until(() -> this.recorder.count() > count + 1);
		first.close();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("backend-cloud")));
		discovery.subscribe(other);
		int seen = other.count();
		await().until(() -> other.count() > seen);
		discovery.close();
		assertThatIllegalStateException().isThrownBy(() -> discovery.subscribe(other));
	}

}
