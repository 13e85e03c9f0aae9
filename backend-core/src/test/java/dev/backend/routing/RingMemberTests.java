package dev.backend.routing;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.backend.ServiceConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RingMember} and {@link RoutedInstance}.
 */
class RingMemberTests {

	@ParameterizedTest
	@ValueSource(doubles = { -0.5, Double.NaN, Double.POSITIVE_INFINITY })
	void whenWeightIsNoShareThenSaysSo(double weight) {
		assertThatIllegalArgumentException().isThrownBy(() -> new RingMember<>("game-1", weight, "value"))
			.withMessage("weight of game-1: " + weight + " (expected: at least 0)");
	}

	@ParameterizedTest
	@CsvSource({ "2.5, 2.5", "0, 0.01", "' 3 ', 3", "heavy, 1", "-1, 0.01", "NaN, 1", "Infinity, 10", "'', 1" })
	void weightComesFromTheMetadataAndAMistakeIsTakenAsOne(String text, double expected) {
		ServiceConfig service = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001)
			.withMetadata(Map.of("weight", text));
		assertThat(RoutedInstance.of(service, "value").weight()).isEqualTo(expected);
	}

	@Test
	void whenThereAreTooManyTagsThenSaysHowMany() {
		Set<String> tags = IntStream.range(0, 2700).mapToObj(Integer::toString).collect(Collectors.toSet());
		assertThatIllegalArgumentException().isThrownBy(() -> new RoutedInstance<>("game-1", 10, tags, "value"))
			.withMessage("tags of game-1: 2700, with weight 10.0 (expected: at most 100)");
		assertThatIllegalArgumentException().isThrownBy(() -> new RoutedInstance<>("game-1", 0, tags, "value"))
			.withMessage("tags of game-1: 2700, with weight 0.0 (expected: at most 1000)");
	}

	@Test
	void whenThereIsNoWeightThenItIsOne() {
		ServiceConfig service = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001).withTags("EU");
		RoutedInstance<String> member = RoutedInstance.of(service, "value");
		assertThat(member.id()).isEqualTo("game-1");
		assertThat(member.weight()).isEqualTo(1);
		assertThat(member.tags()).containsExactly("eu");
		assertThat(member.value()).isEqualTo("value");
	}

}
