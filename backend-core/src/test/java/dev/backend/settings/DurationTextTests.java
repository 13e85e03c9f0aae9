package dev.backend.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class DurationTextTests {

	@ParameterizedTest
	@CsvSource({ "PT0S,0s", "PT5S,5s", "PT1.5S,1500ms", "PT0.5S,500ms", "PT1M,1m", "PT1M30S,90s", "PT2H,2h", "PT24H,1d",
			"PT36H,36h", "PT-1S,-1s", "PT-0.5S,-500ms", "PT0.0005S,500us", "PT0.000000001S,1ns" })
	void aDurationIsWrittenAsPropertiesAre(Duration duration, String text) {
		assertThat(DurationText.of(duration)).isEqualTo(text);
	}

	@Test
	void theLongestOneIsWrittenToo() {
		assertThat(DurationText.of(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))).endsWith("s");
		assertThat(DurationText.of(Duration.ofSeconds(Long.MIN_VALUE, 1))).isNotBlank();
		assertThat(DurationText.of(ChronoUnit.FOREVER.getDuration())).isNotBlank();
	}

	@Test
	void whatWasMeasuredIsWrittenInMilliseconds() {
		assertThat(DurationText.ofNanos(3_001_999_999L)).isEqualTo("3001ms");
		assertThat(DurationText.ofNanos(2_000_999_999L)).isEqualTo("2s");
	}

}
