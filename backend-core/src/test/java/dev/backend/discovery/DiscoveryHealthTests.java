package dev.backend.discovery;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.discovery.DiscoveryStatus.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link DiscoveryHealth}.
 */
@ExtendWith(OutputCaptureExtension.class)
class DiscoveryHealthTests {

	private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);

	private final DiscoveryHealth health = new DiscoveryHealth("games", Duration.ofSeconds(8), Duration.ofSeconds(3),
			this.now::get);

	private void pass(Duration duration) {
		this.now.addAndGet(duration.toNanos());
	}

	@Test
	void theFirstReadIsToldWithItsCounts(CapturedOutput output) {
		assertThat(this.health.status()).isEqualTo(DiscoveryStatus.starting("games"));
		for (int i = 0; i < 3; i++) {
			this.health.read(InstanceCounts.of(10).withLeftOut(LeftOut.NOT_ALLOWED, 2));
		}
		assertThat(output).containsOnlyOnce("games: first read: 12 seen, 10 taken, 2 left out (2 not allowed)");
		assertThat(this.health.reads()).isEqualTo(new DiscoveryReads(3, 0));
	}

	@Test
	void forOneDelayAfterAnOutageWhatIsMissingMustBeConfirmed() {
		this.health.up();
		assertThat(this.health.absence()).isEqualTo(Absence.EVIDENCE);
		this.health.down("is away");
		assertThat(this.health.absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		this.health.up();
		pass(Duration.ofSeconds(8).minusNanos(1));
		assertThat(this.health.absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		pass(Duration.ofNanos(1));
		assertThat(this.health.absence()).isEqualTo(Absence.EVIDENCE);
		this.health.wasAway();
		assertThat(this.health.absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
	}

	@Test
	void whileAPartIsDownTheOthersAreJudgedAsIfNothingWasWrong() {
		this.health.up();
		this.health.partlyDown("service 'secret': denied");
		assertThat(this.health.status().state()).isEqualTo(State.DOWN);
		assertThat(this.health.absence()).isEqualTo(Absence.EVIDENCE);
		this.health.down("is away");
		assertThat(this.health.absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		this.health.partlyDown("service 'secret': denied");
		assertThat(this.health.absence()).as("was away").isEqualTo(Absence.TO_BE_CONFIRMED);
		pass(Duration.ofSeconds(8));
		assertThat(this.health.absence()).isEqualTo(Absence.EVIDENCE);
		this.health.up();
		assertThat(this.health.absence()).as("a part is back").isEqualTo(Absence.TO_BE_CONFIRMED);
	}

	@Test
	void whoeverGoesUpAndDownFillsNoLog(CapturedOutput output) {
		for (int i = 0; i < 100; i++) {
			this.health.up();
			this.health.down("is away");
		}
		assertThat(output.getOut().lines().filter((line) -> line.contains("games: up"))).hasSize(10);
		assertThat(output.getOut().lines().filter((line) -> line.contains("keeps trying"))).hasSize(10);
	}

	@Test
	void whileThereIsDoubtNothingThatIsMissingIsGoneAndTheReasonIsShown() {
		this.health.up();
		this.health.doubt("cannot be written");
		pass(Duration.ofHours(1));
		assertThat(this.health.absence()).isEqualTo(Absence.NO_EVIDENCE);
		assertThat(this.health.status().state()).isEqualTo(State.DOWN);
		assertThat(this.health.status().reason()).isEqualTo("games: cannot be written");
		this.health.doubt(null);
		assertThat(this.health.status().state()).isEqualTo(State.UP);
		assertThat(this.health.absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
	}

	@Test
	void anAnswerThatDoesNotComeMakesItDown() {
		this.health.up();
		this.health.asked();
		pass(Duration.ofSeconds(3));
		assertThat(this.health.status().state()).isEqualTo(State.UP);
		pass(Duration.ofMillis(1));
		assertThat(this.health.status().state()).isEqualTo(State.DOWN);
		assertThat(this.health.status().reason()).isEqualTo("games: no answer for 3001ms");
		this.health.up();
		assertThat(this.health.status().state()).isEqualTo(State.UP);
	}

	@Test
	void ofSeveralWarningsTheGravestIsShownAndEachIsToldWhenItBegins(CapturedOutput output) {
		this.health.up();
		this.health.warn(Concern.SLIGHT, "is slow");
		this.health.warn(Concern.GRAVE, "is wrong");
		this.health.warn(Concern.GRAVE, "is wrong");
		assertThat(this.health.status().reason()).isEqualTo("games: is wrong");
		this.health.warn(Concern.GRAVE, null);
		assertThat(this.health.hasWarning(Concern.GRAVE)).isFalse();
		assertThat(this.health.status().reason()).isEqualTo("games: is slow");
		assertThat(output).containsOnlyOnce("games: is wrong").containsOnlyOnce("games: is slow");
	}

	@Test
	void whenTheNumbersOfAWarningChangeThenItIsShownAndNotToldAgain(CapturedOutput output) {
		this.health.up();
		this.health.warn(Concern.GRAVE, "12 entries do not fit");
		this.health.warn(Concern.GRAVE, "13 entries do not fit");
		assertThat(this.health.status().reason()).isEqualTo("games: 13 entries do not fit");
		assertThat(output.getOut().lines().filter((line) -> line.contains("WARN"))).hasSize(1);
	}

	private enum Concern {

		GRAVE, SLIGHT

	}

}
