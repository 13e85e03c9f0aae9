package dev.backend.logging;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link PlainText} with what a peer may write.
 */
class PlainTextTests {

	@ParameterizedTest
	@ValueSource(strings = { "", "game/game-1 at [::1]:7001: refused", "玩家 \uD83C\uDF0D \\n", "a\\u001bb" })
	void whatIsPlainIsReturnedAsItIs(String text) {
		assertThat(PlainText.of(text)).isSameAs(text);
	}

	@Test
	void whatStartsALineMovesTheCursorOrTurnsTheDirectionIsEscaped() {
		assertThat(PlainText.of("a\nb\r\tc")).isEqualTo("a\\nb\\r\\tc");
		assertThat(PlainText.of("\u001b[31mred\u0007\u0000\u007f\u0085"))
			.isEqualTo("\\u001b[31mred\\u0007\\u0000\\u007f\\u0085");
		assertThat(PlainText.of("\u2028\u2029\u202e\u2066\u200b\ufeff"))
			.isEqualTo("\\u2028\\u2029\\u202e\\u2066\\u200b\\ufeff");
		assertThat(PlainText.of("half \ud83c of a pair, \udf0d")).isEqualTo("half \\ud83c of a pair, \\udf0d");
		assertThat(PlainText.of("\udb40\udc41")).isEqualTo("\\udb40\\udc41");
	}

	@Test
	void whatIsLongIsCutAndItsLengthIsSaid() {
		String cut = PlainText.of("x".repeat(1 << 20));
		assertThat(cut).hasSize(PlainText.MAXIMUM_LENGTH).startsWith("xxx").endsWith("x… (1048576 characters)");
		assertThat(PlainText.of("x".repeat(PlainText.MAXIMUM_LENGTH))).hasSize(PlainText.MAXIMUM_LENGTH)
			.doesNotContain("…");
		assertThat(PlainText.of("\n".repeat(1 << 20))).hasSizeLessThanOrEqualTo(PlainText.MAXIMUM_LENGTH)
			.endsWith("… (1048576 characters)");
		assertThat(PlainText.of("\uD83C\uDF0D".repeat(1000), 50)).hasSizeLessThanOrEqualTo(50)
			.doesNotContainPattern("\\p{Cs}");
	}

	@Test
	void whatWasReturnedIsReturnedAgain() {
		String text = PlainText.of("a\nb\u202e".repeat(1000));
		assertThat(PlainText.of(text)).isSameAs(text);
	}

}
