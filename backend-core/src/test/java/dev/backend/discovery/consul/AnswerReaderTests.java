package dev.backend.discovery.consul;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AnswerReaderTests {

	private static final String NODE = """
			"Node": {"Node": "node-1", "Address": "10.0.0.1"}""";

	private final AnswerReader reader = new AnswerReader(null, 10);

	@Test
	void whenTheServiceHasNoAddressThenTheNodesIsTaken() {
		DiscoveredInstance instance = only("""
				[{%s, "Service": {"Service": "game", "ID": "game-1", "Address": "", "Port": 1, "Tags": null,
				  "Meta": null}, "Checks": []}]""".formatted(NODE));
		assertThat(instance.address()).isEqualTo("10.0.0.1");
		assertThat(instance.scheme()).isEmpty();
		assertThat(instance.tags()).isEmpty();
	}

	@Test
	void whenTheMetadataSaysSecureThenTheSchemeIsHttps() {
		assertThat(only("[" + instance("game-1", "\"Meta\": {\"secure\": \"true\"}", "passing") + "]").scheme())
			.isEqualTo("https");
		assertThat(only("[" + instance("game-1", "\"Meta\": {\"secure\": \"false\"}", "passing") + "]").scheme())
			.isEmpty();
		assertThat(
				only("[" + instance("game-1", "\"Meta\": {\"secure\": \"true\", \"scheme\": \"TCP\"}", "passing") + "]")
					.scheme())
			.isEqualTo("tcp");
	}

	@ParameterizedTest
	@ValueSource(strings = { "warning", "critical", "maintenance", "" })
	void whenACheckDoesNotPassThenTheInstanceIsListedButNotLive(String status) {
		ServiceContent content = read("[" + instance("game-1", "\"Tags\": []", "passing", status) + "]");
		assertThat(content.live()).isEmpty();
		assertThat(content.isEmpty()).isFalse();
	}

	@Test
	void whenATagIsWantedThenItsCaseDoesNotMatter() {
		AnswerReader tagged = new AnswerReader("eu", 10);
		String json = "[" + instance("game-1", "\"Tags\": [\"EU\"]", "passing") + ", "
				+ instance("game-2", "\"Tags\": [\"europe\"]", "passing") + "]";
		ServiceContent content = tagged.service("game", bytes(json));
		assertThat(content.live()).extracting((entry) -> entry.instance().id()).containsExactly("game-1");
		assertThat(content.listed()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"Port\": 0", "\"Port\": -1", "\"Port\": 65536", "\"ID\": \"\"", "\"ID\": \"a\\u0000b\"",
			"\"Address\": \"10.0.0.1\\n10.0.0.2\"", "\"Service\": \" \"" })
	void whenAnInstanceIsMalformedThenOnlyThatOneIsRefusedWithoutItsControlCharacters(String field) {
		String json = "[" + instance("bad", field, "passing") + ", " + instance("game-1", "\"Tags\": []", "passing")
				+ "]";
		ServiceContent content = read(json);
		assertThat(content.live()).extracting((entry) -> entry.instance().id()).containsExactly("game-1");
		assertThat(content.refused()).singleElement().asString().doesNotContain("\n", "\u0000").contains("expected");
	}

	@Test
	void whenThereAreMoreThanTheMaximumThenTheOthersAreCounted() {
		String json = IntStream.range(0, 25)
			.mapToObj((i) -> instance("game-" + i, "\"Tags\": []", "passing"))
			.collect(Collectors.joining(",", "[", "]"));
		ServiceContent content = read(json);
		assertThat(content.live()).hasSize(10);
		assertThat(content.surplus()).isEqualTo(15);
	}

	@Test
	void whenAnyPartOfAnAnswerIsMissingThenItIsAnError() {
		String json = "[" + instance("game-1", "\"Tags\": [\"eu\"]", "passing") + ","
				+ instance("game-2", "\"Tags\": []", "passing") + "]";
		for (int length = 0; length < json.length(); length++) {
			byte[] part = bytes(json.substring(0, length));
			assertThatThrownBy(() -> this.reader.service("game", part)).isInstanceOfAny(JacksonException.class,
					ConsulFailure.class);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "null", "{}", "1", "\"text\"" })
	void whenAnAnswerIsOfAnotherShapeThenItIsAnError(String json) {
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> read(json));
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> this.reader.list(bytes(json)));
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> this.reader.names(bytes("[" + json + "]")));
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> this.reader.text(bytes("[" + json + "]")));
	}

	@Test
	void whenTheCatalogIsReadThenEveryNameHasItsTags() {
		assertThat(this.reader.names(bytes("{\"consul\": [], \"game\": [\"eu\", \"us\"], \"odd\": null}"))).hasSize(3)
			.extractingByKey("game")
			.asString()
			.isEqualTo("[eu, us]");
	}

	private DiscoveredInstance only(String json) {
		ServiceContent content = read(json);
		assertThat(content.live()).hasSize(1);
		return content.live().get(0).instance();
	}

	private ServiceContent read(String json) {
		return this.reader.service("game", bytes(json));
	}

	/** A field that is given twice has its last value. */
	private static String instance(String id, String field, String... checks) {
		String states = Arrays.stream(checks).map("{\"Status\": \"%s\"}"::formatted).collect(Collectors.joining(","));
		return """
				{%s, "Service": {"Service": "game", "ID": "%s", "Address": "127.0.0.1", "Port": 7001,
				 "CreateIndex": 5, %s}, "Checks": [%s]}""".formatted(NODE, id, field, states);
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
