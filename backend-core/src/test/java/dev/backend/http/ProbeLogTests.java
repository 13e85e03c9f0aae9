package dev.backend.http;

import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link ProbeLog} at times that the test says.
 */
class ProbeLogTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger(ProbeLog.class);

	private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

	private long now = Duration.ofHours(-1).toNanos();

	private final ProbeLog log = new ProbeLog(() -> this.now);

	@BeforeEach
	void listen() {
		this.appender.start();
		this.logger.addAppender(this.appender);
	}

	@AfterEach
	void stopListening() {
		this.logger.detachAppender(this.appender);
	}

	private void down(String name, int id) {
		this.log.log(Level.WARN, name, "{} does not answer{}", name + "-" + id);
	}

	private List<String> warnings() {
		return List.copyOf(this.appender.list)
			.stream()
			.filter((event) -> event.getLevel() == ch.qos.logback.classic.Level.WARN)
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	@Test
	void whenThousandsAreLostAtOnceThenTenLinesOfEachServiceSaySo() {
		for (int i = 0; i < 10_000; i++) {
			down("pay", i);
		}
		down("chat", 0);
		assertThat(warnings()).hasSize(11)
			.startsWith("pay-0 does not answer", "pay-1 does not answer")
			.endsWith("pay-9 does not answer (further changes of pay within this minute are logged at debug level)",
					"chat-0 does not answer");
	}

	@Test
	void whenAnInstanceFlapsForAnHourThenThereAreTenLinesPerMinute() {
		for (int second = 0; second < 3600; second++) {
			down("pay", 1);
			this.now += Duration.ofSeconds(1).toNanos();
		}
		assertThat(warnings()).hasSize(600);
		assertThat(warnings().get(10))
			.isEqualTo("pay-1 does not answer (50 changes of pay before this one were logged at debug level)");
	}

}
