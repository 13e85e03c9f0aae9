package dev.backend.tcp;

import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import dev.backend.logging.FailureLog;
import dev.backend.logging.LogRecorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link DialLog} at times that the test says.
 */
class DialLogTests {

	@RegisterExtension
	final LogRecorder recorder = new LogRecorder(DialLog.class.getName());

	private long now;

	private final FailureLog log = new FailureLog(() -> this.now);

	private void failed(String id, int count, long seconds) {
		this.now = Duration.ofSeconds(seconds).toNanos();
		DialLog.failed(this.log.of("game"), "game/" + id, count, new IllegalStateException("refused"));
	}

	private List<String> warnings() {
		return this.recorder.lines(Level.WARN);
	}

	@Test
	void whenAnInstanceFailsFirstThenItIsAWarningEachTime() {
		failed("game-1", 1, 0);
		failed("game-2", 1, 0);
		failed("game-1", 1, 5);
		assertThat(warnings()).containsExactly("Cannot connect to game/game-1: refused; trying again",
				"Cannot connect to game/game-2: refused; trying again",
				"Cannot connect to game/game-1: refused; trying again");
	}

	@Test
	void whenManyInstancesGoOnFailingThenThereIsOneReminderPerMinuteForAll() {
		failed("game-0", 1, 0);
		for (int second = 1; second < 180; second++) {
			for (int i = 0; i < 10; i++) {
				failed("game-" + i, second + 1, second);
			}
		}
		assertThat(warnings()).hasSize(3);
		assertThat(warnings().get(1)).startsWith("Still cannot connect to game/game-0 after 61 attempts: refused")
			.contains("one reminder per minute for all instances of game");
	}

	@Test
	void whenTenThousandInstancesAreRefusedAtStartThenTenLinesSaySo() {
		for (int i = 0; i < 10_000; i++) {
			failed("game-" + i, 1, 0);
		}
		assertThat(warnings()).hasSize(10);
	}

}
