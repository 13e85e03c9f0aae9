package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.LeaseInfo;
import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.LossConfirmation;
import dev.backend.discovery.LossConfirmation.Known;
import dev.backend.discovery.Origin;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.discovery.SourceView;
import dev.backend.test.VirtualTime;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Schedulers;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.netflix.eureka.EurekaServiceInstance;

import static dev.backend.discovery.cloud.SpringCloudFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Outages of an hour, and what Eureka's client says of a server that was restarted empty,
 * with the default settings.
 */
class SpringCloudTimeTests {

	private static final Duration CONFIRMATION = SpringCloudDiscoverySettings.defaults().confirmationDelay();

	private static final Duration MOMENT = Duration.ofSeconds(2);

	private final VirtualTime time = new VirtualTime();

	private final StubClient client = new StubClient();

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private final LossConfirmation<String> losses = new LossConfirmation<>(null, CONFIRMATION,
			LossConfirmation.Listener.NONE);

	/** What a backend has: what is listed, and what is held. */
	private List<Known<String>> present = List.of();

	private int seen;

	private final SpringCloudWatch watch = new SpringCloudWatch("spring cloud (stub)",
			new CloudReader(CloudClient.of(this.client), SpringCloudDiscoverySettings.defaults(),
					Schedulers.immediate()),
			new DiscoveryLoop("test", this.time, this.time::nanoTime), SpringCloudDiscoverySettings.defaults());

	@AfterEach
	void stop() {
		this.watch.stop();
	}

	@Test
	void anOutageOfAnHourTakesNobodyAwayAndALossAfterItMustBeConfirmed() {
		begin("g-1", "g-2", "g-3");
		this.client.failure = "services";
		pass(Duration.ofHours(1));
		assertThat(this.watch.health().status().state()).isEqualTo(State.DOWN);
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2", "g-3");
		this.client.failure = "";
		list("g-1", "g-2");
		pass(MOMENT);
		assertThat(this.watch.health().status().state()).isEqualTo(State.UP);
		assertThat(absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		pass(CONFIRMATION.minus(MOMENT.multipliedBy(2)));
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2", "g-3");
		pass(MOMENT.multipliedBy(4));
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2");
		assertThat(absence()).isEqualTo(Absence.EVIDENCE);
	}

	/** A renewal, the cache of the server and the client's fetch: 30 s each. */
	@Test
	void whenARegistryIsEmptyForAsLongAsEurekaAfterARestartThenNobodyIsTakenAway() {
		begin("g-1", "g-2", "g-3");
		list();
		pass(Duration.ofSeconds(44));
		list("g-2");
		pass(Duration.ofSeconds(44));
		list("g-1", "g-2", "g-3");
		pass(Duration.ofMinutes(10));
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2", "g-3");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenTheOnlyInstanceOfAServiceIsMissingThenThatMustBeConfirmed(boolean stillListed) {
		begin("g-1");
		if (stillListed) {
			list();
		}
		else {
			this.client.services.remove("game");
		}
		pass(CONFIRMATION.minus(MOMENT));
		assertThat(this.recorder.ids()).containsExactly("c-1");
		assertThat(present()).containsExactly("g-1");
		pass(MOMENT.multipliedBy(3));
		assertThat(present()).isEmpty();
	}

	@Test
	void whenOneOfSeveralLeavesThenThatIsBelievedAtOnce() {
		begin("g-1", "g-2", "g-3");
		list("g-1", "g-2");
		pass(MOMENT);
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2");
	}

	/** A server that has lost its data begins with those that register again first. */
	@Test
	void whenEurekaListsAgainOnlyWhatHasRegisteredAgainThenNobodyIsTakenAway() {
		this.client.put("game", eureka("g-1", 1000), eureka("g-2", 2000), eureka("g-3", 3000));
		begin();
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2", "g-3");
		this.client.put("game", eureka("g-1", 61_000), eureka("g-2", 62_000));
		pass(Duration.ofSeconds(60));
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2", "g-3");
		this.client.put("game", eureka("g-1", 61_000), eureka("g-2", 62_000), eureka("g-3", 121_000));
		pass(Duration.ofMinutes(10));
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2", "g-3");
		this.client.put("game", eureka("g-1", 61_000), eureka("g-2", 62_000));
		pass(MOMENT);
		assertThat(present()).as("one that leaves a server that was there").containsExactlyInAnyOrder("g-1", "g-2");
	}

	@Test
	void whenAServiceCannotBeReadForAnHourThenItStaysAndTheOthersGoOn() {
		begin("g-1", "g-2");
		this.client.failure = "game";
		pass(Duration.ofHours(1));
		assertThat(present()).containsExactlyInAnyOrder("g-1", "g-2");
		SourceView view = this.recorder.last().views().get(0);
		assertThat(Duration.ofNanos(view.readAt("chat") - view.readAt("game"))).isGreaterThan(Duration.ofMinutes(59));
		assertThat(this.watch.health().status().state()).isEqualTo(State.DOWN);
	}

	private void begin(String... ids) {
		list(ids);
		begin();
		assertThat(present()).containsExactlyInAnyOrder(ids);
	}

	private void begin() {
		this.client.put("chat", instance("c-1", 7101));
		this.watch.publisher().add(this.recorder);
		this.watch.wake();
		pass(MOMENT);
	}

	private static ServiceInstance eureka(String id, long registeredAt) {
		return new EurekaServiceInstance(InstanceInfo.Builder.newBuilder()
			.setInstanceId(id)
			.setAppName("GAME")
			.setHostName("127.0.0.1")
			.setPort(7001)
			.setLeaseInfo(LeaseInfo.Builder.newBuilder().setRegistrationTimestamp(registeredAt).build())
			.build());
	}

	private void list(String... ids) {
		List<ServiceInstance> instances = new ArrayList<>();
		for (String id : ids) {
			instances.add(instance(id, 7000 + Integer.parseInt(id.substring(2))));
		}
		this.client.services.put("game", instances);
	}

	private Set<String> present() {
		Set<String> ids = new HashSet<>();
		this.present.forEach((one) -> ids.add(one.key()));
		return ids;
	}

	private Absence absence() {
		return this.recorder.last().views().get(0).absence();
	}

	/** Lets time pass, and takes over each snapshot as a backend does. */
	private void pass(Duration duration) {
		Duration step = (duration.compareTo(Duration.ofMinutes(5)) > 0) ? Duration.ofMinutes(1) : MOMENT;
		for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(step)) {
			long reads = this.watch.health().reads().succeeded();
			this.time.advance(step);
			if (this.watch.health().reads().succeeded() > reads) {
				int count = this.seen;
				Awaitility.await()
					.pollDelay(Duration.ZERO)
					.pollInterval(Duration.ofMillis(1))
					.until(() -> this.recorder.count() > count);
				this.seen = this.recorder.count();
				take(this.recorder.last());
			}
		}
	}

	private void take(DiscoverySnapshot snapshot) {
		List<Known<String>> listed = new ArrayList<>();
		Set<String> ids = new HashSet<>();
		for (DiscoveredInstance instance : snapshot.instances()) {
			if (instance.name().equals("game")) {
				ids.add(instance.id());
				listed.add(new Known<>(instance.id(), "game",
						new Origin(snapshot.views().get(0).source(), instance.name())));
			}
		}
		listed.addAll(this.losses.held(this.present, ids::contains, snapshot));
		this.present = listed;
	}

}
