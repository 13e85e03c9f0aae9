package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.discovery.SourceView;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static dev.backend.discovery.cloud.SpringCloudFixture.SOON;
import static dev.backend.discovery.cloud.SpringCloudFixture.await;
import static dev.backend.discovery.cloud.SpringCloudFixture.instance;
import static dev.backend.discovery.cloud.SpringCloudFixture.polling;
import static dev.backend.discovery.cloud.SpringCloudFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A discovery client that fails, for one service or for all: what was read stays, a loss
 * is confirmed by nothing but a read, and the status says what is wrong.
 */
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class SpringCloudFailureTests {

	@RegisterExtension
	final SpringCloudFixture cloud = new SpringCloudFixture();

	private final StubClient client = this.cloud.client();

	private final SnapshotRecorder recorder = this.cloud.recorder();

	@ParameterizedTest
	@ValueSource(strings = { "services", "null", "error", "stack", "message", "lazy", "instance", "instance hangs" })
	void whenNothingCanBeReadThenTheViewStaysAndTheStatusIsDownUntilItSucceeds(String failure) {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		SpringCloudServiceDiscovery discovery = this.cloud
			.subscribed(settings(Set.of(), SOON, Duration.ofSeconds(1), 100));
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.put("game");
		this.client.failure = failure;
		await().until(() -> discovery.status().state() == State.DOWN);
		int read = this.client.reads.get();
		await().until(() -> this.client.reads.get() > read + 1);
		assertThat(this.recorder.ids()).as("last view").hasSize(2);
		assertThat(discovery.status().reason()).startsWith("spring cloud (stub): ");
		assertThat(discovery.status().instances()).isEqualTo(2);
		this.client.failure = "";
		this.client.gate.countDown();
		await().until(() -> this.recorder.ids().equals(List.of("c-1")) && discovery.status().state() == State.UP);
		assertThat(discovery.status().reason()).isNull();
		assertThat(this.recorder.all()).as("after an outage").anyMatch(SpringCloudFailureTests::recovering);
		await().until(() -> !recovering(this.recorder.last()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "chat", "null chat", "hang chat" })
	void whenOneServiceFailsThenItKeepsItsViewAndTheOthersGoOn(String failure) {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		SpringCloudServiceDiscovery discovery = this.cloud
			.subscribed(settings(Set.of(), SOON, Duration.ofSeconds(2), 100));
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.failure = failure;
		this.client.put("chat");
		this.client.put("game", instance("g-2", 7002));
		await().until(() -> Set.copyOf(this.recorder.ids()).equals(Set.of("c-1", "g-2")));
		await().until(() -> discovery.status().state() == State.DOWN);
		await().until(() -> String.valueOf(discovery.status().reason())
			.matches("spring cloud \\(stub\\): service 'chat': .*; its last view stays"));
		assertThat(this.recorder.all()).as("the others were there all the time")
			.noneMatch(SpringCloudFailureTests::recovering);
		this.client.put("game", instance("g-3", 7003));
		await().until(() -> Set.copyOf(this.recorder.ids()).equals(Set.of("c-1", "g-3")));
		this.client.failure = "";
		this.client.gate.countDown();
		await().until(() -> this.recorder.ids().equals(List.of("g-3")));
		assertThat(this.recorder.all()).as("one is back").anyMatch(SpringCloudFailureTests::recovering);
		await().until(() -> discovery.status().state() == State.UP);
		assertThat(discovery.status().reason()).isNull();
	}

	@Test
	void whenOneServiceCannotBeReadThenALossOfAnotherIsConfirmedAllTheSame() {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		this.cloud.subscribed(polling());
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.failure = "chat";
		this.client.put("game");
		await().until(() -> this.recorder.ids().equals(List.of("c-1")));
		long missedAt = view().readAt();
		await().until(() -> view().readAt("game") - missedAt >= Duration.ofSeconds(1).toNanos());
	}

	@Test
	void whenAServiceCannotBeReadAfterALossThenThatIsNotConfirmed() {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		this.cloud.subscribed(settings(Set.of(), SOON, Duration.ofSeconds(3), 100));
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.put("chat");
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		long missedAt = view().readAt();
		this.client.failure = "chat";
		await().until(() -> view().readAt() - missedAt > Duration.ofSeconds(2).toNanos());
		assertThat(view().readAt("chat") - missedAt).isLessThan(Duration.ofSeconds(1).toNanos());
	}

	@Test
	void whenAServiceWasNeverReadThenWhatOthersKnowOfItIsNotConfirmedToBeGone() {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		this.client.failure = "chat";
		this.cloud.subscribed(polling());
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		long first = view().readAt();
		await().until(() -> view().readAt() - first > Duration.ofSeconds(2).toNanos());
		assertThat(view().readAt("chat") - first).isLessThan(Duration.ofSeconds(1).toNanos());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "game" })
	void whenTheClientListsNothingAnyMoreThenThatIsAnError(String wanted) {
		this.client.put("game", instance("g-1", 7001));
		Set<String> services = wanted.isEmpty() ? Set.of() : Set.of(wanted);
		SpringCloudServiceDiscovery discovery = this.cloud
			.subscribed(settings(services, SOON, Duration.ofSeconds(3), 100));
		await().until(() -> this.recorder.ids().size() == 1);
		this.client.services.clear();
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("lists no service any more");
		assertThat(this.recorder.ids()).containsExactly("g-1");
		this.client.put("game");
		await().until(() -> this.recorder.ids().isEmpty());
		assertThat(discovery.status().state()).isEqualTo(State.UP);
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	@ResourceLock(Resources.SYSTEM_OUT)
	void secretsOfAFailureReachNeitherStatusNorLog(CapturedOutput output) {
		this.client.failure = "secret";
		SpringCloudServiceDiscovery discovery = this.cloud.subscribed(polling());
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("http://***@registry/eureka?token=***")
			.doesNotContain("hunter2");
		assertThat(output.getAll().lines()).as("beside what other tests log")
			.anyMatch((line) -> line.contains("down, keeps trying") && line.contains("token=***"))
			.noneMatch((line) -> line.contains("hunter2"));
	}

	private SourceView view() {
		return this.recorder.last().views().get(0);
	}

	private static boolean recovering(DiscoverySnapshot snapshot) {
		return snapshot.views().get(0).absence() == Absence.TO_BE_CONFIRMED;
	}

}
