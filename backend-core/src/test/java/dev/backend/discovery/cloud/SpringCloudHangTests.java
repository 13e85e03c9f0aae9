package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;

import static dev.backend.discovery.cloud.SpringCloudFixture.NEVER;
import static dev.backend.discovery.cloud.SpringCloudFixture.SOON;
import static dev.backend.discovery.cloud.SpringCloudFixture.await;
import static dev.backend.discovery.cloud.SpringCloudFixture.instance;
import static dev.backend.discovery.cloud.SpringCloudFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A discovery client that hangs: the status tells of it soon, nothing is asked of it on
 * top that it has not answered, and what comes too late leaves no trace.
 */
@ExtendWith(OutputCaptureExtension.class)
@SlowTest
class SpringCloudHangTests {

	@RegisterExtension
	final SpringCloudFixture cloud = new SpringCloudFixture();

	private final StubClient client = this.cloud.client();

	private final SnapshotRecorder recorder = this.cloud.recorder();

	@Test
	void whenTheClientHangsThenTheStatusIsDownAndItIsNotAskedTheSameOnTop() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = this.cloud.subscribed(settings(Set.of(), SOON, SOON, 100));
		await().until(() -> this.recorder.ids().size() == 1);
		this.client.put("game", instance("g-1", 7001), instance("g-2", 7002));
		this.client.failure = "hang game";
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("service 'game': no answer for ");
		int reads = this.client.reads.get();
		discovery.readNow();
		await().until(() -> this.client.reads.get() > reads + 1);
		assertThat(this.recorder.ids()).containsExactly("g-1");
		SnapshotRecorder late = new SnapshotRecorder();
		discovery.subscribe(late);
		await().until(() -> late.ids().equals(List.of("g-1")));
		assertThat(this.client.hanging.get()).isOne();
		this.client.failure = "";
		this.client.gate.countDown();
		await().until(() -> this.recorder.ids().size() == 2);
		await().until(() -> discovery.status().state() == State.UP);
	}

	@Test
	void whatComesTooLateIsThrownAwayAndLeavesNoTrace(CapturedOutput output) {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = this.cloud.subscribed(settings(Set.of(), NEVER, SOON, 100));
		await().until(() -> this.recorder.ids().size() == 1);
		this.client.failure = "hang game";
		this.client.put("game");
		discovery.readNow();
		await().until(() -> discovery.status().state() == State.DOWN);
		this.client.failure = "game";
		this.client.gate.countDown();
		await().until(() -> String.valueOf(discovery.status().reason()).contains("connection refused"));
		assertThat(this.recorder.count()).isOne();
		assertThat(output).doesNotContain("Operator called default");
	}

	@Test
	void whenTheClientCanBeInterruptedThenItIsAskedAgain() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = this.cloud.subscribed(settings(Set.of(), SOON, SOON, 100));
		await().until(() -> this.recorder.ids().size() == 1);
		this.client.failure = "wait";
		await().until(() -> discovery.status().state() == State.DOWN);
		int interrupted = this.client.interrupted.get();
		await().until(() -> this.client.interrupted.get() > interrupted + 1);
		this.client.failure = "";
		await().until(() -> discovery.status().state() == State.UP);
	}

	@Test
	void byDefaultWhatHangsIsToldOfWithinFiveSeconds() {
		SpringCloudDiscoverySettings defaults = SpringCloudDiscoverySettings.defaults();
		assertThat(defaults.pollInterval().plus(defaults.responseTimeout())).isLessThan(Duration.ofSeconds(5));
	}

	@Test
	void aReactiveClientThatHangsIsGivenUpAndAskedAgain() {
		AtomicInteger questions = new AtomicInteger();
		ReactiveDiscoveryClient reactive = new ReactiveDiscoveryClient() {

			@Override
			public String description() {
				return "reactive stub";
			}

			@Override
			public Flux<ServiceInstance> getInstances(String serviceId) {
				return (questions.incrementAndGet() < 3) ? Flux.never() : Flux.just(instance("g-1", 7001));
			}

			@Override
			public Flux<String> getServices() {
				return Flux.just("game");
			}

		};
		SpringCloudServiceDiscovery discovery = this.cloud.discovery(CloudClient.of(reactive),
				settings(Set.of(), SOON, SOON, 100));
		discovery.subscribe(this.recorder);
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("service 'game'");
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		await().until(() -> discovery.status().state() == State.UP);
	}

}
