package dev.backend.logging;

import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slf4j.event.Level.ERROR;
import static org.slf4j.event.Level.INFO;
import static org.slf4j.event.Level.WARN;

/**
 * {@link FailureLog} at times that the test says.
 */
class FailureLogTests {

	private static final Logger logger = LoggerFactory.getLogger(FailureLogTests.class);

	@RegisterExtension
	final LogRecorder recorder = new LogRecorder("dev.backend.logging");

	private long now = Duration.ofHours(-1).toNanos();

	private final FailureLog log = new FailureLog(() -> this.now);

	private void fail(String name, int id) {
		this.log.of(name).failed(logger, WARN, "{} is refused", name + "-" + id);
	}

	private void pass(Duration time) {
		this.now += time.toNanos();
	}

	private List<String> warnings() {
		return this.recorder.lines(Level.WARN);
	}

	@Test
	void whenThousandsFailAtOnceThenTenLinesOfEachServiceNameSaySo() {
		for (int i = 0; i < 10_000; i++) {
			fail("pay", i);
		}
		fail("chat", 0);
		assertThat(warnings()).hasSize(11)
			.startsWith("pay-0 is refused", "pay-1 is refused")
			.endsWith("pay-9 is refused (further failures of pay within this minute are logged at debug level)",
					"chat-0 is refused");
	}

	@Test
	void whenTheMinuteIsOverThenTheNextLineComesBehindTheCountOfWhatWasLeftOut() {
		for (int i = 0; i < 30; i++) {
			fail("pay", i);
		}
		pass(Duration.ofSeconds(60));
		fail("pay", 30);
		assertThat(warnings()).hasSize(12)
			.endsWith("pay: 20 more failures within a minute were logged at debug level", "pay-30 is refused");
	}

	@Test
	void whenNothingFailsAnyMoreThenASweepTellsTheCountOnce() {
		for (int i = 0; i < 30; i++) {
			fail("pay", i);
		}
		this.log.sweep();
		assertThat(warnings()).hasSize(10);
		pass(Duration.ofSeconds(60));
		this.log.sweep();
		this.log.sweep();
		assertThat(warnings()).hasSize(11).endsWith("pay: 20 more failures within a minute were logged at debug level");
	}

	@Test
	void whenTheBackendStopsThenTheCountIsToldBeforeTheMinuteIsOver() {
		for (int i = 0; i < 11; i++) {
			fail("pay", i);
		}
		this.log.end();
		assertThat(warnings()).hasSize(11).endsWith("pay: 1 more failures within a minute were logged at debug level");
	}

	@Test
	void whateverFailsSharesTheLinesOfItsServiceName() {
		for (int i = 0; i < 10; i++) {
			this.log.of("pay").threw(logger, ERROR, new IllegalStateException("on purpose"), "handler failed");
			fail("pay", i);
			this.log.of("pay").failed(logger, INFO, "disconnected because of a failure");
		}
		assertThat(this.recorder.lines(Level.INFO)).hasSize(10);
		this.log.end();
		assertThat(this.recorder.events(Level.ERROR)).extracting(ILoggingEvent::getFormattedMessage)
			.endsWith("pay: 20 more failures within a minute were logged at debug level");
	}

	@Test
	void whatGoesAsItShouldDoesNotUseUpTheLinesOfFailures() {
		for (int i = 0; i < 10_000; i++) {
			this.log.of("pay").news(logger, "connected to {}", i);
		}
		fail("pay", 0);
		assertThat(this.recorder.lines(Level.INFO)).hasSize(11)
			.contains("connected to 9 (further changes of pay within this minute are logged at debug level)")
			.endsWith("pay-0 is refused");
		this.log.end();
		assertThat(this.recorder.lines(Level.INFO))
			.endsWith("pay: 9990 more changes within a minute were logged at debug level");
		assertThat(warnings()).hasSize(1);
	}

	@Test
	void whenAServiceFlapsForAnHourThenThereAreTenLinesAndACountPerMinute() {
		for (int second = 0; second < 3600; second++) {
			fail("pay", 1);
			pass(Duration.ofSeconds(1));
		}
		assertThat(warnings().stream().filter((line) -> line.contains("is refused"))).hasSize(600);
		assertThat(warnings().stream().filter((line) -> line.contains("50 more failures"))).hasSize(59);
		assertThat(warnings()).hasSize(659);
	}

	@Test
	void whatGoesOnFailingIsLoggedOnceAMinute() {
		for (int second = 0; second < 120; second++) {
			this.log.of("pay").failedAgain(logger, WARN, "first", "still fails");
			pass(Duration.ofSeconds(1));
		}
		assertThat(warnings()).containsExactly("still fails",
				"pay: 59 more failures within a minute were logged at debug level", "still fails");
	}

	@Test
	void theFirstOfItsKindInAMinuteHasAStackTraceAndTheOthersALine() {
		ch.qos.logback.classic.Logger real = (ch.qos.logback.classic.Logger) logger;
		Level before = real.getLevel();
		real.setLevel(Level.INFO);
		try {
			for (int i = 0; i < 2; i++) {
				ServiceLog pay = this.log.of("pay");
				pay.threw(logger, ERROR, new IllegalStateException("one\ntwo"), "onMessage failed for {}", "pay/1");
				pay.threw(logger, ERROR, new IllegalArgumentException("other type"), "onMessage failed for {}",
						"pay/1");
				pay.threw(logger, ERROR, new IllegalStateException("other line"), "onTick failed for {}", "pay/1");
			}
		}
		finally {
			real.setLevel(before);
		}
		List<ILoggingEvent> events = this.recorder.events(Level.ERROR);
		assertThat(events).hasSize(6);
		assertThat(events.subList(0, 3)).allSatisfy((event) -> assertThat(event.getThrowableProxy()).isNotNull());
		assertThat(events.subList(3, 6)).allSatisfy((event) -> assertThat(event.getThrowableProxy()).isNull());
		assertThat(events.get(3).getFormattedMessage())
			.isEqualTo("onMessage failed for pay/1: java.lang.IllegalStateException: one\\ntwo");
	}

	@Test
	void whatAPeerWroteForgesNoLineAndFillsNoDisk() {
		Throwable cause = new NumberFormatException("For input string: \"\u001b[2J\n2026 ERROR forged\"");
		IllegalStateException failure = new IllegalStateException("x".repeat(1 << 20), cause);
		failure.addSuppressed(new IllegalStateException("\u202esuppressed"));
		cause.initCause(failure);
		this.log.of("pay").threw(logger, ERROR, failure, "failed for {}", "a\nb");
		ILoggingEvent event = this.recorder.events(Level.ERROR).get(0);
		assertThat(event.getFormattedMessage()).isEqualTo("failed for a\\nb");
		IThrowableProxy proxy = event.getThrowableProxy();
		String trace = ThrowableProxyUtil.asString(proxy);
		assertThat(trace).hasSizeLessThan(50_000)
			.contains("java.lang.NumberFormatException: For input string: \"\\u001b[2J\\n2026 ERROR forged\"")
			.contains("\\u202esuppressed")
			.contains("FailureLogTests")
			.doesNotContain("\u001b", "\u202e", "\n2026");
	}

	@Test
	void whenATextCannotBeHadThenTheRestIsLogged() {
		@SuppressWarnings("serial")
		RuntimeException failure = new RuntimeException() {
			@Override
			public String getMessage() {
				throw new IllegalStateException("on purpose");
			}
		};
		this.log.of("pay").threw(logger, ERROR, failure, "handler failed");
		assertThat(this.recorder.lines(Level.ERROR)).containsExactly("handler failed");
	}

	@Test
	void whenServiceNamesRotateThenTheyAreForgottenAndShareTheirLinesBeyondAThousand() {
		for (int i = 0; i < 5000; i++) {
			fail("name-" + i, 0);
		}
		assertThat(this.log.names()).isLessThanOrEqualTo(1001);
		assertThat(warnings()).hasSize(1010);
		pass(Duration.ofSeconds(60));
		this.log.sweep();
		assertThat(this.log.names()).isZero();
		assertThat(warnings()).hasSize(1011)
			.endsWith("other services: 3990 more failures within a minute were logged at debug level");
	}

}
