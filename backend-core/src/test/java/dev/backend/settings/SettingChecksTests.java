package dev.backend.settings;

import java.time.Duration;
import java.util.Set;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class SettingChecksTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	@Test
	void whenAValueIsRightThenItIsReturned() {
		assertThat(SettingChecks.positive("tries", 1)).isEqualTo(1);
		assertThat(SettingChecks.positive("interval", Duration.ofNanos(1))).isEqualTo(Duration.ofNanos(1));
		assertThat(SettingChecks.notNegative("interval", Duration.ZERO)).isEqualTo(Duration.ZERO);
		assertThat(SettingChecks.inRange("tries", 1, 1, 1)).isEqualTo(1);
		assertThat(SettingChecks.inRange("interval", SECOND, SECOND, SECOND)).isEqualTo(SECOND);
		assertThat(SettingChecks.atLeast("maximum", SECOND, "initial", SECOND)).isEqualTo(SECOND);
		assertThat(SettingChecks.noneBlank("names", Set.of("game"))).containsExactly("game");
	}

	@Test
	void whenAValueIsWrongThenTheMessageNamesItAndWhatWasExpected() {
		assertRefused(() -> SettingChecks.positive("tries", 0), "tries: 0 (expected: at least 1)");
		assertRefused(() -> SettingChecks.positive("interval", Duration.ZERO), "interval: 0s (expected: > 0)");
		assertRefused(() -> SettingChecks.notNegative("interval", SECOND.negated()), "interval: -1s (expected: >= 0)");
		assertRefused(() -> SettingChecks.inRange("tries", 4, 1, 3), "tries: 4 (expected: 1 to 3)");
		assertRefused(() -> SettingChecks.inRange("interval", Duration.ZERO, Duration.ofMillis(1), SECOND),
				"interval: 0s (expected: 1ms to 1s)");
		assertRefused(
				() -> SettingChecks.atLeast("maximum", Duration.ofMillis(1500), "initial", SECOND.multipliedBy(2)),
				"maximum: 1500ms (expected: at least initial, 2s)");
		assertRefused(() -> SettingChecks.moreThan("timeout", SECOND, "interval", SECOND),
				"timeout: 1s (expected: more than interval, 1s)");
		assertRefused(() -> SettingChecks.lessThan("heartbeat", SECOND, "expiry", SECOND),
				"heartbeat: 1s (expected: less than expiry, 1s)");
		assertRefused(() -> SettingChecks.noneBlank("names", Set.of(" ")), "names: [ ] (expected: no blank name)");
		assertRefused(() -> SettingChecks.positive("interval", Duration.ofNanos(-1)), "interval: -1ns (expected: > 0)");
		assertRefused(() -> SettingChecks.inRange("interval", Duration.ofHours(-5), SECOND, Duration.ofMinutes(10)),
				"interval: -5h (expected: 1s to 10m)");
	}

	@Test
	void theExceptionTellsTheNameAndTheExpectationApart() {
		InvalidSettingException refusal = catchThrowableOfType(InvalidSettingException.class,
				() -> SettingChecks.positive("tries", 0));
		assertThat(refusal.name()).isEqualTo("tries");
		assertThat(refusal.expectation()).isEqualTo("at least 1");
	}

	@Test
	void whenTheMaximumIsBelowTheInitialDelayThenTheDelaysAreRefused() {
		assertRefused(() -> new RetryDelays(SECOND, Duration.ofMillis(999)),
				"retry.maximum: 999ms (expected: at least retry.initial, 1s)");
		assertRefused(() -> new RetryDelays(Duration.ZERO, SECOND), "retry.initial: 0s (expected: 1ms to 1d)");
	}

	private static void assertRefused(ThrowingCallable check, String message) {
		assertThatIllegalArgumentException().isThrownBy(check).withMessage(message);
	}

}
