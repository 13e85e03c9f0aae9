package dev.backend.discovery.redis;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RegistryMemberTests {

	@Test
	void plainServiceHasExactlyTheFiveFieldsOfTheContract() {
		assertThat(format(ServiceConfig.tcp("game", "game-1", "10.0.0.5", 7001)))
			.isEqualTo("game&game-1&10.0.0.5&7001&tcp");
	}

	@Test
	void metadataIsTheSixthFieldPercentEncodedAndInAFixedOrder() {
		ServiceConfig service = ServiceConfig.tcp("game", "game-1", "10.0.0.5", 7001)
			.withTags("us", "eu")
			.withMetadata(Map.of("weight", "2.5", "a b", "x&y,z;=%\n玩"));
		assertThat(format(service)).isEqualTo(
				"game&game-1&10.0.0.5&7001&tcp&a%20b=x%26y%2Cz%3B%3D%25%0A%E7%8E%A9;routerTag=eu%20us;weight=2.5");
	}

	@Test
	void whatIsWrittenIsReadBack() {
		ServiceConfig service = ServiceConfig.http("chat", "玩家-1", "2001:db8::1", 65535)
			.withTags("eu", "vip")
			.withMetadata(Map.of("k=;&%", "v,\t✓", "empty", ""));
		DiscoveredInstance instance = RegistryMember.parse(format(service));
		assertThat(instance.name()).isEqualTo("chat");
		assertThat(instance.id()).isEqualTo("玩家-1");
		assertThat(instance.address()).isEqualTo("2001:db8::1");
		assertThat(instance.port()).isEqualTo(65535);
		assertThat(instance.scheme()).isEqualTo("http");
		assertThat(instance.tags()).containsExactly("eu", "vip");
		assertThat(instance.metadata()).isEqualTo(Map.of("k=;&%", "v,\t✓", "empty", "", "routerTag", "eu vip"));
	}

	@Test
	void fieldsAreTakenAsTheyStandAndFurtherOnesIgnored() {
		DiscoveredInstance instance = RegistryMember.parse("Game& G-1 &h&80&&=x;y;z=%zz%4&more&&");
		assertThat(instance.name()).isEqualTo("Game");
		assertThat(instance.id()).isEqualTo(" G-1 ");
		assertThat(instance.scheme()).isEmpty();
		assertThat(instance.metadata()).isEqualTo(Map.of("z", "%zz%4"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			game&1&host&80            | 4 fields (expected: at least 5)
			''                        | 1 fields (expected: at least 5)
			game&1&host&x1&tcp        | port 'x1' (expected: 1 to 65535)
			game&1&host& 80&tcp       | port ' 80' (expected: 1 to 65535)
			game&1&host&0&tcp         | port '0' (expected: 1 to 65535)
			game&1&host&65536&tcp     | port '65536' (expected: 1 to 65535)
			game&1&host&99999999999&t | port '99999999999' (expected: 1 to 65535)
			game&1&host&٨٠&tcp        | port '٨٠' (expected: 1 to 65535)
			game&1& &80&tcp           | address ' ' (expected: not blank)
			""")
	void whenMemberIsMalformedThenTheMessageSaysWhy(String member, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> RegistryMember.parse(member)).withMessage(message);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ga\nme&1&host&80&tcp", "game&1&ho\u0000st&80&tcp", "game&1&host&80&tcp&k=\u001b[2J",
			"game&\uFFFD&host&80&tcp" })
	void whenMemberHasControlCharactersOrIsNoTextThenItIsRefused(String member) {
		assertThatIllegalArgumentException().isThrownBy(() -> RegistryMember.parse(member)).withMessageContaining("(");
	}

	@Test
	void whenMemberWouldBeHugeThenItIsRefused() {
		String value = "x".repeat(RegistryMember.MAXIMUM_LENGTH);
		ServiceConfig service = ServiceConfig.tcp("game", "1", "host", 80).withMetadata(Map.of("k", value));
		assertThatIllegalArgumentException().isThrownBy(() -> format(service))
			.withMessageContaining("game/1")
			.withMessageContaining("at most 8192");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a&b", "a,b", "a\uFFFDb", "a\uD800b" })
	void whenAFieldWouldBreakTheFormatThenItIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> format(ServiceConfig.tcp(text, "1", "host", 80)))
			.withMessageStartingWith("name of ");
		assertThatIllegalArgumentException().isThrownBy(() -> format(ServiceConfig.tcp("game", text, "host", 80)))
			.withMessageStartingWith("id of ");
		assertThatIllegalArgumentException().isThrownBy(() -> format(ServiceConfig.tcp("game", "1", text, 80)))
			.withMessageStartingWith("address: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a b", "a,b" })
	void whenATagWouldBeReadAsTwoThenItIsRefused(String tag) {
		ServiceConfig service = ServiceConfig.tcp("game", "1", "host", 80).withTags(Set.of(tag));
		assertThatIllegalArgumentException().isThrownBy(() -> format(service))
			.withMessage("tag of game/1 at host:80: '" + tag + "' (expected: no blank or ',')");
	}

	@Test
	void whatALogShowsHasNeitherMetadataNorControlCharacters() {
		assertThat(RegistryMember.printable("game&1&ho\nst&80&tcp&token=secret")).isEqualTo("game&1&ho\\nst&80&tcp");
	}

	@Test
	void whenNameAndIdHaveCapitalsThenTheyAreWrittenAsGiven() {
		DiscoveredInstance instance = new DiscoveredInstance(" Game ", "G-1", "TCP", "host", 80, List.of("EU"),
				Map.of("k", "V"));
		assertThat(RegistryMember.format(instance)).isEqualTo("Game&G-1&host&80&tcp&k=V;routerTag=eu");
	}

	@Test
	void whatALogShowsNeitherStartsALineNorTurnsTheDirection() {
		assertThat(RegistryMember.printable("ga\u2028me&\u202e1&h\u0085&80&tcp"))
			.isEqualTo("ga\\u2028me&\\u202e1&h\\u0085&80&tcp");
	}

	private static String format(ServiceConfig service) {
		return RegistryMember.format(RegistryMember.instance(service));
	}

}
