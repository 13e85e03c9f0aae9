package dev.backend.routing;

import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SplitMix64}.
 */
class SplitMix64Tests {

	@Test
	void yieldsThePublishedSequence() {
		assertThat(LongStream.rangeClosed(1, 5).map((i) -> SplitMix64.mix(1234567 + i * SplitMix64.GAMMA)))
			.map(Long::toUnsignedString)
			.containsExactly("6457827717110365317", "3203168211198807973", "9817491932198370423", "4593380528125082431",
					"16408922859458223821");
	}

}
