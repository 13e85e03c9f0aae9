package dev.backend.tcp;

import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link PeerLiveness} with a check each second, which the test makes.
 */
class PeerLivenessTests {

	private final RecordingLiveness watch = new RecordingLiveness();

	private TcpLiveness settings = TcpLiveness.defaults();

	@BeforeEach
	void firstCheck() {
		seconds(1);
	}

	private void seconds(int count) {
		for (int i = 0; i < count; i++) {
			this.watch.check(1000, new PeerLiveness.Rules(this.settings));
		}
	}

	private static TcpLiveness liveness(int interval, int timeout, int readIdle, int writeProgress) {
		return new TcpLiveness(Duration.ofSeconds(interval), Duration.ofSeconds(timeout), Duration.ofSeconds(readIdle),
				Duration.ZERO, Duration.ofSeconds(writeProgress));
	}

	private static TcpLiveness writeIdle(int interval, int timeout, int writeIdle) {
		return new TcpLiveness(Duration.ofSeconds(interval), Duration.ofSeconds(timeout), Duration.ZERO,
				Duration.ofSeconds(writeIdle), Duration.ZERO);
	}

	/** The peer speaks all the time. */
	private void secondsOfPushes(int count) {
		for (int i = 0; i < count; i++) {
			this.watch.heard();
			seconds(1);
		}
	}

	@Test
	void whenPeerIsSilentThenHeartbeatsAreSentAndItIsGivenUpAtTheTimeout() {
		seconds(2);
		assertThat(this.watch.actions).isEmpty();
		seconds(1);
		assertThat(this.watch.actions).containsExactly("heartbeat");
		seconds(4);
		assertThat(this.watch.actions).containsExactly("heartbeat", "heartbeat");
		seconds(1);
		assertThat(this.watch.actions).containsExactly("heartbeat", "heartbeat", "unanswered PT8S");
	}

	@Test
	void whenPeerAnswersHeartbeatsThenItIsNotGivenUp() {
		for (int i = 0; i < 10; i++) {
			seconds(3);
			this.watch.heard();
			seconds(1);
		}
		assertThat(this.watch.actions).hasSize(10).containsOnly("heartbeat");
	}

	@Test
	void whenSomethingIsReadInTimeThenNoHeartbeatIsSent() {
		for (int i = 0; i < 10; i++) {
			seconds(2);
			this.watch.heard();
			seconds(1);
		}
		assertThat(this.watch.actions).isEmpty();
	}

	@Test
	void whenCodecHasNoHeartbeatThenSilenceIsNoFault() {
		this.watch.hasHeartbeat = false;
		seconds(100);
		assertThat(this.watch.actions).isEmpty();
	}

	@Test
	void whenReadIdleTimeoutIsSetThenSilenceEndsTheConnectionWithoutHeartbeats() {
		this.settings = liveness(0, 0, 5, 0);
		seconds(4);
		assertThat(this.watch.actions).isEmpty();
		seconds(1);
		assertThat(this.watch.actions).containsExactly("idle PT5S");
	}

	@Test
	void whenHeartbeatsAreSwitchedOnAfterLongSilenceThenThePeerIsAskedFirst() {
		this.settings = liveness(0, 0, 0, 0);
		seconds(1000);
		this.settings = TcpLiveness.defaults();
		seconds(5);
		assertThat(this.watch.actions).containsExactly("heartbeat", "heartbeat");
		this.watch.heard();
		seconds(3);
		assertThat(this.watch.actions).containsExactly("heartbeat", "heartbeat");
	}

	@Test
	void whenHeartbeatsAreSwitchedOffThenTheUnansweredOneIsForgotten() {
		seconds(4);
		this.settings = liveness(0, 8, 0, 0);
		seconds(100);
		assertThat(this.watch.actions).containsExactly("heartbeat");
	}

	@Test
	void whenPeerIsNotExpectedToSpeakThenItsSilenceDoesNotCount() {
		this.settings = liveness(3, 8, 9, 0);
		this.watch.expected = false;
		seconds(100);
		assertThat(this.watch.actions).isEmpty();
		this.watch.expected = true;
		seconds(2);
		assertThat(this.watch.actions).isEmpty();
		seconds(1);
		assertThat(this.watch.actions).containsExactly("heartbeat");
	}

	@Test
	void whenNothingOfWhatWaitsIsTakenThenTheConnectionHasStalled() {
		this.settings = liveness(0, 0, 0, 10);
		this.watch.mark = 7;
		seconds(10);
		assertThat(this.watch.actions).isEmpty();
		seconds(1);
		assertThat(this.watch.actions).containsExactly("stalled PT10S");
	}

	@Test
	void whenSomeOfWhatWaitsIsTakenThenTheTimeStartsAnew() {
		this.watch.hasHeartbeat = false;
		for (int i = 1; i < 10; i++) {
			this.watch.mark = i;
			seconds(10);
		}
		this.watch.mark = 0;
		seconds(100);
		assertThat(this.watch.actions).isEmpty();
	}

	@Test
	void whenSlowPeerTakesABacklogThenLateAnswersToHeartbeatsAreNoFault() {
		this.settings = liveness(3, 8, 0, 10);
		for (int i = 1; i < 20; i++) {
			this.watch.mark = i;
			seconds(4);
		}
		assertThat(this.watch.actions).isNotEmpty().containsOnly("heartbeat");
	}

	@Test
	void whenStartedOverThenEveryClockHasItsFullTimeAgain() {
		this.settings = liveness(3, 8, 20, 10);
		this.watch.mark = 1;
		seconds(7);
		this.watch.startOver(1000, new PeerLiveness.Rules(this.settings));
		this.watch.actions.clear();
		seconds(2);
		assertThat(this.watch.actions).isEmpty();
		seconds(1);
		assertThat(this.watch.actions).containsExactly("heartbeat");
		this.watch.startOver(1000, new PeerLiveness.Rules(this.settings));
		seconds(7);
		this.watch.mark = 0;
		assertThat(this.watch.actions).doesNotContain("stalled PT10S", "idle PT20S", "unanswered PT8S");
	}

	@Test
	void whenPeerSpeaksAllTheTimeThenItHearsFromThisSideInTime() {
		this.settings = writeIdle(3, 8, 10);
		secondsOfPushes(7);
		assertThat(this.watch.actions).isEmpty();
		secondsOfPushes(1);
		assertThat(this.watch.actions).containsExactly("heartbeat");
		secondsOfPushes(9);
		assertThat(this.watch.actions).containsExactly("heartbeat", "heartbeat");
	}

	@Test
	void whenSomethingIsWrittenInTimeThenNoHeartbeatIsSentToBeHeard() {
		this.settings = writeIdle(3, 8, 10);
		for (int i = 0; i < 10; i++) {
			this.watch.spoken();
			secondsOfPushes(8);
		}
		assertThat(this.watch.actions).isEmpty();
	}

	@Test
	void whenServiceIsNotReadyThenNothingIsSentToBeHeardUntilItIs() {
		this.settings = writeIdle(3, 8, 10);
		this.watch.established = false;
		this.watch.expected = false;
		seconds(100);
		assertThat(this.watch.actions).isEmpty();
		this.watch.established = true;
		this.watch.expected = true;
		seconds(1);
		assertThat(this.watch.actions).containsExactly("heartbeat");
	}

	@Test
	void whenReadingIsPausedThenThePeerStillHearsFromThisSideAndIsNotJudged() {
		this.settings = writeIdle(3, 8, 10);
		this.watch.expected = false;
		seconds(90);
		assertThat(this.watch.actions).hasSize(10).containsOnly("heartbeat");
	}

	@Test
	void whenBytesWaitForThePeerThenNoHeartbeatJoinsThem() {
		this.settings = writeIdle(0, 0, 10);
		this.watch.mark = 7;
		secondsOfPushes(100);
		assertThat(this.watch.actions).isEmpty();
		this.watch.mark = 0;
		secondsOfPushes(8);
		assertThat(this.watch.actions).as("what was taken is heard").isEmpty();
		secondsOfPushes(1);
		assertThat(this.watch.actions).containsExactly("heartbeat");
	}

	@Test
	void whenHeartbeatsAreSentToBeHeardThenTheyAlsoAskAndTheTimeoutIsTheSame() {
		this.settings = writeIdle(3, 8, 2);
		seconds(7);
		assertThat(this.watch.actions).hasSize(4).containsOnly("heartbeat");
		seconds(1);
		assertThat(this.watch.actions).hasSize(5).endsWith("unanswered PT8S");
	}

	@Test
	void whenHeartbeatsAskThenTheyAreAlsoHeard() {
		this.settings = writeIdle(3, 100, 6);
		seconds(30);
		assertThat(this.watch.actions).hasSize(10).containsOnly("heartbeat");
	}

	@Test
	void whenOnlyThisSideIsToBeHeardThenSilenceIsNoFault() {
		this.settings = writeIdle(0, 0, 10);
		seconds(89);
		assertThat(this.watch.actions).hasSize(10).containsOnly("heartbeat");
	}

	@Test
	void whenAHeartbeatIsNotWrittenThenItsAnswerIsNotMissed() {
		for (int i = 0; i < 100; i++) {
			seconds(1);
			this.watch.heartbeatNotSent();
		}
		assertThat(this.watch.actions).isNotEmpty().containsOnly("heartbeat");
	}

	@Test
	void whenAHeartbeatIsRefusedThenItIsTriedAgainAtTheNextCheck() {
		this.settings = writeIdle(0, 0, 10);
		this.watch.hasHeartbeat = false;
		secondsOfPushes(20);
		this.watch.hasHeartbeat = true;
		secondsOfPushes(1);
		assertThat(this.watch.actions).containsExactly("heartbeat");
	}

	@Test
	void whenBeingHeardIsSwitchedOnLaterThenTheFirstHeartbeatIsSentAtOnce() {
		secondsOfPushes(100);
		this.settings = writeIdle(3, 8, 10);
		secondsOfPushes(1);
		assertThat(this.watch.actions).containsExactly("heartbeat");
	}

	@Test
	void whenACheckComesLateThenThePeerHearsFromThisSideAtOnce() {
		this.settings = writeIdle(3, 8, 10);
		this.watch.startOver(60_000, new PeerLiveness.Rules(this.settings));
		assertThat(this.watch.actions).containsExactly("heartbeat");
		secondsOfPushes(8);
		assertThat(this.watch.actions).containsExactly("heartbeat");
		this.watch.established = false;
		this.watch.startOver(60_000, new PeerLiveness.Rules(this.settings));
		assertThat(this.watch.actions).containsExactly("heartbeat");
	}

	@Test
	void whenSilentForWeeksThenNothingOverflows() {
		this.settings = liveness(0, 0, 40 * 24 * 3600, 0);
		for (int i = 0; i < 10; i++) {
			this.watch.check(Integer.MAX_VALUE / 4, new PeerLiveness.Rules(this.settings));
		}
		assertThat(this.watch.actions).startsWith("idle PT960H");
	}

	@ParameterizedTest
	@CsvSource({ "0, 0, 0, 0, 1000", "3, 8, 0, 10, 750", "60, 80, 0, 10, 1000", "60, 80, 2, 10, 500",
			"0, 0, 0, 1, 250" })
	void intervalIsAQuarterOfTheShortestTimeoutButNotMoreThanASecond(int interval, int timeout, int readIdle,
			int writeProgress, int expected) {
		assertThat(new PeerLiveness.Rules(liveness(interval, timeout, readIdle, writeProgress)).interval())
			.isEqualTo(expected);
	}

	@Test
	void whenThisSideIsToBeHeardSoonThenChecksAreMadeAsOften() {
		assertThat(new PeerLiveness.Rules(writeIdle(3, 8, 2)).interval()).isEqualTo(500);
	}

}
