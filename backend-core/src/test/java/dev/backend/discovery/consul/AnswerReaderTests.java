package dev.backend.discovery.consul;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
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
	void whenTheCatalogIsReadThenEveryNameIsListedWhateverItsCase() {
		String json = """
				{"consul": [], "Game": ["eu", "us"], "game": [], "odd": null, "Chat": ["EU", {"eu": ["eu"]}]}""";
		assertThat(this.reader.names(bytes(json)).carrying()).containsExactly("consul", "game", "odd", "chat");
		ServiceNames tagged = new AnswerReader("eu", 10).names(bytes(json));
		assertThat(tagged.carrying()).containsExactly("game", "chat");
		assertThat(tagged.lists("CHAT")).isTrue();
		assertThat(tagged.lists("odd")).isTrue();
		assertThat(tagged.lists("login")).isFalse();
	}

	@Test
	void whenTheCatalogListsHundredsOfThousandsOfServicesThenItIsAnError() {
		String json = IntStream.rangeClosed(0, 200_000)
			.mapToObj("\"s%d\": []"::formatted)
			.collect(Collectors.joining(",", "{", "}"));
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> this.reader.names(bytes(json)))
			.withMessageContaining("lists more than 200000 services");
	}

	@Test
	void whenNodesShareAnIdThenEveryoneTellsThemApartInTheSameWay() {
		String json = "[" + on("node-1", instance("game-7001", "\"Tags\": [\"eu\"]", "passing")) + ","
				+ on("node-2", instance("Game-7001", "\"Tags\": [\"eu\"]", "passing")) + ","
				+ on("node-3", instance("game-7002", "\"Tags\": [\"eu\"]", "passing")) + ","
				+ on("node-4", instance("game-7003", "\"Tags\": [\"eu\"]", "passing")) + ","
				+ on("node-5", instance("game-7003", "\"Tags\": []", "passing")) + ","
				+ on("node-4", instance("game-7004", "\"Tags\": [\"eu\"]", "passing")) + ","
				+ on("node-5", instance("game-7004", "\"Tags\": [\"eu\"]", "critical")) + "]";
		ServiceContent content = new AnswerReader("eu", 10).service("game", bytes(json));
		assertThat(content.live()).extracting((entry) -> entry.instance().id())
			.containsExactly("game-7001@node-1", "Game-7001@node-2", "game-7002", "game-7003@node-4",
					"game-7004@node-4");
		assertThat(content.shared()).containsExactlyInAnyOrder("game-7001", "Game-7001", "game-7003", "game-7004");
		ServiceContent capped = new AnswerReader(null, 1).service("game", bytes(json));
		assertThat(capped.live()).extracting((entry) -> entry.instance().id()).containsExactly("game-7001@node-1");
	}

	@Test
	void whenANodesNameIsNoTextForAnIdThenItIsEncoded() {
		String json = "[" + on("a b\\nc@é", instance("game-7001", "\"Tags\": []", "passing")) + ","
				+ on("a b\\nd", instance("game-7001", "\"Tags\": []", "passing")) + "]";
		assertThat(read(json).live()).extracting((entry) -> entry.instance().id())
			.containsExactly("game-7001@a+b%0Ac%40%C3%A9", "game-7001@a+b%0Ad");
	}

	@ParameterizedTest
	@ValueSource(strings = { "connect-proxy", "mesh-gateway", "terminating-gateway", "ingress-gateway", "api-gateway",
			"whatever comes" })
	void whenAnEntryIsOfAnotherKindThenItIsLeftOutAndCounted(String kind) {
		ServiceContent content = read("[" + instance("game-1", "\"Kind\": \"" + kind + "\"", "passing") + ","
				+ instance("game-1", "\"Kind\": \"\"", "passing") + "]");
		assertThat(content.live()).extracting((entry) -> entry.instance().id()).containsExactly("game-1");
		assertThat(content.otherKinds()).containsOnly(Map.entry(kind, 1));
		assertThat(content.refused()).isEmpty();
		ServiceContent only = read("[" + instance("game-1", "\"Kind\": \"" + kind + "\"", "passing") + "]");
		assertThat(only.live()).isEmpty();
		assertThat(only.isEmpty()).isFalse();
	}

	@Test
	void whenAnAnswerIsAboutAnotherServiceThenItIsAnError() {
		String json = "[" + instance("game-1", "\"Service\": \"chat\\n\"", "passing") + "]";
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> read(json))
			.withMessageContaining("about the service 'chat' (expected");
		assertThat(read("[" + instance("game-1", "\"Service\": \"GAME\"", "passing") + "]").live()).hasSize(1);
	}

	@Test
	void whenAnEntryIsHugeThenOnlyThatOneIsRefused() {
		String tags = "\"Tags\": [\"" + "x".repeat(1024 * 1024) + "\"]";
		ServiceContent content = read("[" + instance("game-1", "\"Tags\": []", "passing") + ","
				+ instance("huge", tags, "passing") + "," + instance("game-2", "\"Tags\": []", "passing") + "]");
		assertThat(content.live()).extracting((entry) -> entry.instance().id()).containsExactly("game-1", "game-2");
		assertThat(content.refused()).singleElement().asString().contains("bytes (expected: at most 1048576)");
	}

	@Test
	void whenTheNameOfAServiceHasALineBreakThenNoTextAboutItHas() {
		String json = "[" + instance("game-1", "\"Service\": \"a\\nWARN forged\", \"Port\": 0", "passing") + "]";
		assertThat(this.reader.service("a\nWARN forged", bytes(json)).refused()).singleElement()
			.asString()
			.isEqualTo("'game-1' of service 'a\\nWARN forged': port: 0 (expected: 1 to 65535)");
	}

	private DiscoveredInstance only(String json) {
		ServiceContent content = read(json);
		assertThat(content.live()).hasSize(1);
		return content.live().get(0).instance();
	}

	private ServiceContent read(String json) {
		return this.reader.service("game", bytes(json));
	}

	private static String on(String node, String instance) {
		return instance.replace("\"Node\": \"node-1\"", "\"Node\": \"" + node + "\"");
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
