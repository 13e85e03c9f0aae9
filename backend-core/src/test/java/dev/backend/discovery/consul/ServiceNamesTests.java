package dev.backend.discovery.consul;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ServiceNamesTests {

	@ParameterizedTest
	@ValueSource(strings = { "game", "a/b", "...", "a..b", ".a", "a b", " ", "%2e%2e", "a?b#c", "é", "+" })
	void aNameThatIsOnePartOfAPathCanBeAskedFor(String name) {
		assertThat(ServiceNames.isAskable(name)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".", "..", "/", "a/", "/a", "a//b", "a/../b", "./a", "../../agent/self", "a\nb",
			"a\u0000b", "a\u00a0b", "a\u2028b", "a\u202eb", "\ud800" })
	void aNameThatIsTakenForAnotherPathOrRefusedCanNot(String name) {
		assertThat(ServiceNames.isAskable(name)).isFalse();
	}

	@Test
	void aNameThatIsTooLongForAServiceCanNotBeAskedFor() {
		assertThat(ServiceNames.isAskable("a".repeat(255))).isTrue();
		assertThat(ServiceNames.isAskable("a".repeat(256))).isFalse();
	}

	@Test
	void theKeyIsTheNameInLowerCase() {
		assertThat(ServiceNames.key("Game-É")).isEqualTo("game-É");
		assertThat(ServiceNames.key("game")).isSameAs("game");
	}

}
