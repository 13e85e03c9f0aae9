package dev.backend;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import dev.backend.logging.PlainText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * {@link ServiceConfig} for people.
 */
class ServiceConfigTests {

	@ParameterizedTest
	@CsvSource({ "::1,[::1]:7001", "[::1],[::1]:7001", "[fe80::1%eth0],[fe80::1%eth0]:7001", "10.0.0.5,10.0.0.5:7001",
			"game.example.org,game.example.org:7001" })
	void anIpv6AddressIsInBracketsOnce(String address, String endpoint) {
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", address, 7001);
		assertThat(config.endpoint()).isEqualTo(endpoint);
		assertThat(config.label()).isEqualTo("game/game-1 at " + endpoint);
	}

	@Test
	void anIpv6AddressIsTheSameWithBracketsAndWithout() {
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "[::1]", 7001);
		assertThat(config.address()).isEqualTo("::1");
		assertThat(config.sameEndpoint(config.withAddress("::1", 7001))).isTrue();
		assertThat(config.withAddress("[::2]", 7001).address()).isEqualTo("::2");
	}

	@ParameterizedTest
	@CsvSource({ "TCP,tcp", "'',http", "' Https ',https", "grpc+tls,grpc+tls" })
	void theSchemeIsInNormalForm(String scheme, String expected) {
		assertThat(withScheme(scheme).scheme()).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://x/", "1http", "ht tp", "http:", "../", "tcp\u202e", "схема" })
	void whenASchemeCannotStandInAUriThenSaysSo(String scheme) {
		assertThatIllegalArgumentException().isThrownBy(() -> withScheme(scheme))
			.withMessage("scheme: '%s' (expected: a letter, then letters, digits, '+', '-' and '.')"
				.formatted(PlainText.of(scheme)));
	}

	private static ServiceConfig withScheme(String scheme) {
		return new ServiceConfig("game", "game-1", scheme, "127.0.0.1", 7001, Set.of(), Map.of());
	}

	@Test
	void whenThereAreTooManyTagsThenSaysHowMany() {
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001);
		assertThatIllegalArgumentException().isThrownBy(() -> config.withTags(tags(2700)))
			.withMessage("tags: 2700 (expected: at most 1000)");
		assertThat(config.withTags(tags(1000)).tags()).hasSize(1000);
		ServiceConfig heavy = config.withMetadata(Map.of("weight", "10"));
		assertThatIllegalArgumentException().isThrownBy(() -> heavy.withTags(tags(101)))
			.withMessage("tags: 101, with weight 10.0 (expected: at most 100)");
		assertThat(heavy.withTags(tags(100)).tags()).hasSize(100);
		assertThat(config.withTags("EU", "eu ", " ").tags()).containsExactly("eu");
	}

	private static List<String> tags(int count) {
		return IntStream.range(0, count).mapToObj((i) -> "tag-" + i).toList();
	}

	@Test
	void whenANameIsBlankTooLongOrHasAControlCharacterThenSaysSo() {
		assertThatIllegalArgumentException().isThrownBy(() -> ServiceConfig.tcp("\u00a0", "1", "127.0.0.1", 1))
			.withMessage("name: '' (expected: not blank)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ServiceConfig.tcp("game", "\u202e" + "a".repeat(255), "127.0.0.1", 1))
			.withMessage("id: 256 characters, starting with '\\u202e%s' (expected: at most 255)", "a".repeat(31));
		assertThatIllegalArgumentException().isThrownBy(() -> ServiceConfig.tcp("game", "a\nb", "127.0.0.1", 1))
			.withMessage("id: control character U+000A at index 1 (expected: none)");
	}

	@Test
	void theLabelForgesNoLine() {
		assertThat(ServiceConfig.tcp("game", "a\u2028b", "127.0.0.1", 1).label())
			.isEqualTo("game/a\\u2028b at 127.0.0.1:1");
	}

}
