package dev.backend.tcp;

import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link DialLog} at times that the test says.
 */
class DialLogTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger(DialLog.class);

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	private final DialLog failures = new DialLog();

	@BeforeEach
	void listen() {
		this.log.start();
		this.logger.addAppender(this.log);
	}

	@AfterEach
	void stopListening() {
		this.logger.detachAppender(this.log);
	}

	private void failed(String id, int count, long seconds) {
		this.failures.failed("game", "game/" + id, count, new IllegalStateException("refused"),
				Duration.ofSeconds(seconds).toNanos());
	}

	private List<String> warnings() {
		return List.copyOf(this.log.list)
			.stream()
			.filter((event) -> event.getLevel() == Level.WARN)
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
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

}
