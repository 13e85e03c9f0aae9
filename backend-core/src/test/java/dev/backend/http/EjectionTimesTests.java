package dev.backend.http;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link EjectionTimes} at times that the test says.
 */
class EjectionTimesTests {

	private final HttpEjection settings = HttpEjection.on().lasting(Duration.ofSeconds(30), Duration.ofMinutes(5));

	private final EjectionTimes times = new EjectionTimes();

	/** Near the end of the range, as nano times may be. */
	private long now = Long.MAX_VALUE - Duration.ofSeconds(40).toNanos();

	/** Ejects, waits for the end, and lets the instance stay well for some time. */
	private long ejectThenStayWell(long seconds) {
		Duration time = this.times.next(this.settings, this.now);
		this.now += time.toNanos();
		this.times.ended(this.now);
		this.now += Duration.ofSeconds(seconds).toNanos();
		return time.toSeconds();
	}

	@Test
	void eachEjectionInARowLastsTwiceAsLongUpToTheMaximum() {
		long[] expected = { 30, 60, 120, 240, 300, 300 };
		for (long seconds : expected) {
			assertThat(ejectThenStayWell(1)).isEqualTo(seconds);
		}
	}

	@Test
	void whoStaysWellForTheTimeOfTheLastEjectionHasOneForgotten() {
		assertThat(ejectThenStayWell(1)).isEqualTo(30);
		assertThat(ejectThenStayWell(1)).isEqualTo(60);
		assertThat(ejectThenStayWell(119)).isEqualTo(120);
		assertThat(ejectThenStayWell(240)).isEqualTo(240);
		assertThat(ejectThenStayWell(480)).isEqualTo(240);
		assertThat(ejectThenStayWell(100_000)).isEqualTo(120);
		assertThat(ejectThenStayWell(1)).isEqualTo(30);
	}

	@Test
	void manyEjectionsOfTheMaximumAreForgottenAsFastAsTheFirstOfThem() {
		for (int i = 0; i < 50; i++) {
			ejectThenStayWell(1);
		}
		assertThat(ejectThenStayWell(300)).isEqualTo(300);
		assertThat(ejectThenStayWell(1)).isEqualTo(240);
	}

	@Test
	void theMaximumMayBeTheBase() {
		HttpEjection fixed = HttpEjection.on().lasting(Duration.ofSeconds(10), Duration.ofSeconds(10));
		for (int i = 0; i < 3; i++) {
			assertThat(this.times.next(fixed, this.now)).hasSeconds(10);
			this.times.ended(this.now);
		}
	}

}
