package dev.backend.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ServiceNamesTests {

	@ParameterizedTest
	@CsvSource({ "game, game, true", "game, ' Game ', true", "game, games, false", "battle-*, battle-1, true",
			"battle-*, battle-, true", "battle-*, battle, false", "*-eu, game-eu, true", "a*b*c, a1b2c, true",
			"a*b*c, acb, false", "a.c, abc, false", "'a\\E*', 'a\\E1', true", "*, anything, true" })
	void aNameMatchesAPattern(String pattern, String name, boolean matches) {
		assertThat(ServiceNames.of(List.of(pattern)).test(name)).isEqualTo(matches);
	}

	@Test
	void oneOfSeveralIsEnough() {
		ServiceNames names = ServiceNames.of(List.of("game", "battle-*"));
		assertThat(names).accepts("game", "battle-7").rejects("chat").hasToString("[battle-*, game]");
	}

	@ParameterizedTest
	@CsvSource(nullValues = "none", value = { "game, game, game", "game, chat, none", "battle-*, battle-1, battle-1",
			"battle-*, *-eu, battle-eu", "a*, b*, none", "*, chat, chat", "a*c, ab*, abc", "*, *, ''" })
	void whatTwoPatternsHaveInCommonIsFound(String one, String other, String common) {
		ServiceNames first = ServiceNames.of(List.of("none-of-them", one));
		ServiceNames second = ServiceNames.of(List.of("neither", other));
		assertThat(first.findCommon(second)).isEqualTo(common);
	}

	@Test
	void whateverTwoRandomPatternsHaveInCommonBothTake() {
		Random random = new Random(16);
		List<String> texts = texts(random, "ab", 400, 6);
		List<String> patterns = texts(random, "ab*", 60, 5);
		for (String one : patterns) {
			for (String other : patterns) {
				ServiceNames first = ServiceNames.of(List.of(one));
				ServiceNames second = ServiceNames.of(List.of(other));
				String common = first.findCommon(second);
				if (common != null) {
					assertThat(common.isEmpty() || (first.test(common) && second.test(common))).as("%s %s", one, other)
						.isTrue();
				}
				else {
					assertThat(texts).as("%s %s", one, other)
						.noneMatch((text) -> first.test(text) && second.test(text));
				}
			}
		}
	}

	@Test
	void aRandomPatternTakesWhatItSays() {
		Random random = new Random(17);
		List<String> texts = texts(random, "ab", 400, 8);
		for (String pattern : texts(random, "ab**", 200, 7)) {
			ServiceNames names = ServiceNames.of(List.of(pattern));
			assertThat(texts).as(pattern)
				.allSatisfy((text) -> assertThat(names.test(text)).isEqualTo(text.matches(pattern.replace("*", ".*"))));
		}
	}

	@Test
	@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void whenANameIsMadeToBeLookedAtForLongThenItIsNot() {
		ServiceNames names = ServiceNames.of(List.of("*a".repeat(12) + "*b"));
		assertThat(names.test("a".repeat(255))).isFalse();
		assertThat(names.test("a".repeat(254) + "b")).isTrue();
	}

	private static List<String> texts(Random random, String letters, int number, int length) {
		List<String> texts = new ArrayList<>();
		for (int i = 0; i < number; i++) {
			StringBuilder text = new StringBuilder();
			int characters = 1 + random.nextInt(length);
			for (int j = 0; j < characters; j++) {
				text.append(letters.charAt(random.nextInt(letters.length())));
			}
			texts.add(text.toString());
		}
		return texts;
	}

	@Test
	void whenThereIsNoNameOrABlankOneThenItIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ServiceNames.of(List.of()))
			.withMessage("services: none (expected: at least one name or pattern)");
		assertThatIllegalArgumentException().isThrownBy(() -> ServiceNames.of(List.of("game", " ")))
			.withMessage("services: [game,  ] (expected: none is blank)");
	}

}
