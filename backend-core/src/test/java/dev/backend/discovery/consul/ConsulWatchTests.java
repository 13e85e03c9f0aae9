package dev.backend.discovery.consul;

import java.net.URI;
import java.time.Duration;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.discovery.SourceView;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a watch does in the course of time, which passes when these tests say so.
 */
class ConsulWatchTests {

	private final ConsulDiscoverySettings settings = ConsulDiscoverySettings
		.defaults(URI.create("http://127.0.0.1:8500"));

	private final FakeConsul consul = new FakeConsul();

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	@Test
	void whenConsulIsAwayForAnHourThenTheViewStaysAndEachLossAfterThatIsReadAgain() {
		this.consul.list("game", "a", "b");
		try (ConsulServiceDiscovery discovery = this.consul.watch(this.settings, this.recorder)) {
			await().until(() -> this.recorder.shows("a", "b"));
			this.consul.time.advance(Duration.ofMinutes(10));
			assertThat(discovery.status().state()).isEqualTo(State.UP);
			this.consul.silence(true);
			this.consul.time.advance(Duration.ofHours(1));
			assertThat(discovery.status().state()).isEqualTo(State.DOWN);
			assertThat(discovery.status().reason()).contains("no answer for 2s");
			assertThat(discovery.status().sinceLastRead()).isGreaterThan(Duration.ofMinutes(59));
			this.consul.list("game", "a");
			this.consul.silence(false);
			this.consul.time.advance(Duration.ofSeconds(4));
			await().until(() -> this.recorder.shows("a"));
			SourceView missing = view();
			assertThat(missing.absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
			assertThat(discovery.status().state()).isEqualTo(State.UP);
			this.consul.time.advance(Duration.ofSeconds(9));
			await().until(() -> view().absence() == Absence.EVIDENCE);
			assertThat(view().readAt("game") - missing.readAt("game"))
				.isGreaterThanOrEqualTo(discovery.confirmationDelay().toNanos());
		}
	}

	@Test
	void whenNothingChangesThenEachServiceIsReadOnceMoreAfterItsFirstReadAndThenRarely() {
		this.consul.list("game", "a");
		try (ConsulServiceDiscovery discovery = this.consul.watch(this.settings, this.recorder)) {
			await().until(() -> this.recorder.shows("a"));
			long first = view().readAt("game");
			this.consul.time.advance(Duration.ofSeconds(9));
			await().until(() -> view().readAt("game") - first >= discovery.confirmationDelay().toNanos());
			long second = view().readAt("game");
			this.consul.time.advance(Duration.ofSeconds(50));
			assertThat(view().readAt("game")).isEqualTo(second);
		}
	}

	@Test
	void whenAServiceHasNoLongPollThenItIsReadOnceMoreAfterItsFirstReadAsWell() {
		this.consul.list("game", "a");
		this.consul.list("login", "b");
		try (ConsulServiceDiscovery discovery = this.consul
			.watch(this.settings.withLimits(ConsulLimits.defaults().withLongPolls(1)), this.recorder)) {
			await().until(() -> this.recorder.shows("a", "b"));
			long first = view().readAt("login");
			this.consul.time.advance(Duration.ofSeconds(9));
			await().until(() -> view().readAt("login") - first >= discovery.confirmationDelay().toNanos());
		}
	}

	@Test
	void whenAServiceIsGoneFromTheListThenThatIsReadAgain() {
		this.consul.list("game", "a");
		this.consul.list("login", "b");
		try (ConsulServiceDiscovery discovery = this.consul.watch(this.settings, this.recorder)) {
			await().until(() -> this.recorder.shows("a", "b"));
			this.consul.time.advance(Duration.ofMinutes(1));
			this.consul.remove("game");
			this.consul.time.run();
			await().until(() -> this.recorder.shows("b"));
			long missing = view().readAt("game");
			this.consul.time.advance(Duration.ofSeconds(9));
			await().until(() -> view().readAt("game") - missing >= discovery.confirmationDelay().toNanos());
		}
	}

	@Test
	void whenAServiceHangsThenTheOthersWaitTwoSecondsAndNothingOfItCountsAsGone() {
		this.consul.list("game", "a");
		this.consul.list("login", "b");
		this.consul.hang("login");
		try (ConsulServiceDiscovery discovery = this.consul.watch(this.settings, this.recorder)) {
			this.consul.time.advance(Duration.ofMillis(1900));
			assertThat(this.recorder.all()).isEmpty();
			this.consul.time.advance(Duration.ofMillis(2200));
			await().until(() -> this.recorder.shows("a"));
			long unread = view().readAt("login");
			this.consul.time.advance(Duration.ofMinutes(5));
			assertThat(view().readAt("login")).isEqualTo(unread);
			assertThat(view().absence()).as("of the others").isEqualTo(Absence.EVIDENCE);
			assertThat(discovery.status().reason()).contains("service 'login': no answer for 5s");
			this.consul.hang(null);
			this.consul.time.advance(Duration.ofSeconds(7));
			await().until(() -> this.recorder.shows("a", "b"));
			assertThat(discovery.status().state()).isEqualTo(State.UP);
		}
	}

	@Test
	void whenAServiceIsHiddenThenTheOthersDoNotWaitAndItIsAskedForEveryHalfMinute() {
		this.consul.list("game", "a");
		this.consul.list("login", "b");
		this.consul.fail("login", ConsulFailure.useless("hides it"));
		try (ConsulServiceDiscovery discovery = this.consul.watch(this.settings, this.recorder)) {
			await().until(() -> this.recorder.shows("a"));
			assertThat(discovery.status().state()).isEqualTo(State.DOWN);
			this.consul.time.advance(Duration.ofMinutes(2));
			long failed = discovery.reads().failed();
			this.consul.time.advance(Duration.ofMinutes(5));
			assertThat(discovery.reads().failed() - failed).isBetween(9L, 21L);
			assertThat(discovery.status().state()).isEqualTo(State.DOWN);
			assertThat(view().absence()).as("of the others").isEqualTo(Absence.EVIDENCE);
			this.consul.fail("login", null);
			this.consul.time.advance(Duration.ofSeconds(31));
			await().until(() -> this.recorder.shows("a", "b"));
			assertThat(discovery.status().state()).isEqualTo(State.UP);
		}
	}

	@Test
	void whenTheListOfServicesCannotBeReadThenEachLossMustBeConfirmed() {
		this.consul.list("game", "a");
		try (ConsulServiceDiscovery discovery = this.consul.watch(this.settings, this.recorder)) {
			await().until(() -> this.recorder.shows("a"));
			this.consul.failNames(ConsulFailure.useless("answers 404"));
			this.consul.list("game", "a", "b");
			this.consul.time.run();
			await().until(() -> this.recorder.shows("a", "b"));
			this.consul.list("game", "a", "b", "c");
			this.consul.time.advance(Duration.ofSeconds(1));
			await().until(() -> this.recorder.shows("a", "b", "c"));
			assertThat(discovery.status().reason()).contains("answers 404");
			assertThat(view().absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		}
	}

	@Test
	void whenNoServiceCanBeReadThenThereIsNoSnapshot() {
		this.consul.list("game", "a");
		this.consul.fail("game", ConsulFailure.useless("hides it"));
		try (ConsulServiceDiscovery discovery = this.consul.watch(this.settings, this.recorder)) {
			this.consul.time.advance(Duration.ofHours(1));
			assertThat(this.recorder.all()).isEmpty();
			assertThat(discovery.status().reason()).contains("service 'game': hides it");
		}
	}

	@Test
	void whenServicesAreAskedForByAnotherSpellingThenTheTimeOfTheirReadIsFoundByTheirOwn() {
		this.consul.list("Game", "a");
		try (ConsulServiceDiscovery discovery = this.consul.watch(this.settings.withServiceNames("gAme"),
				this.recorder)) {
			await().until(() -> this.recorder.shows("a"));
			assertThat(discovery.status().state()).isEqualTo(State.UP);
			assertThat(view().readAtByName()).containsKeys("Game", "game");
			assertThat(view().readAt("Game")).isEqualTo(view().readAt("game"));
		}
	}

	private SourceView view() {
		return this.recorder.last().views().get(0);
	}

}
