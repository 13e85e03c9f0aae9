package dev.backend.discovery.consul;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceEntry;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.LeftOut;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(OutputCaptureExtension.class)
class AnswerReaderTests {

	private static final String NODE = """
			"Node": {"Node": "node-1", "Address": "10.0.0.1"}""";

	private static final InstanceRules RULES = InstanceRules.defaults().withMaximumInstances(10);

	private final AnswerReader reader = new AnswerReader(null, RULES);

	@Test
	void whenANameIsLongThenTheOthersAreListed() {
		String names = "{\"consul\": [], \"%s\": [], \"game\": []}".formatted("x".repeat(60_000));
		assertThat(this.reader.names(names.getBytes(StandardCharsets.UTF_8)).listed()).hasSize(3)
			.contains("consul", "game");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenOneEntryIsTooDeepOrHasALongKeyThenTheOthersAreRead(boolean deep) {
		String config = deep ? "{\"a\": ".repeat(600) + "1" + "}".repeat(600)
				: "{\"%s\": 1}".formatted("k".repeat(60_000));
		ServiceContent content = read("[" + instance("game-1", "\"Proxy\": {\"Config\": " + config + "}", "passing")
				+ "," + instance("game-2", "\"Tags\": []", "passing") + "]");
		assertThat(content.entries()).extracting(InstanceEntry::instance)
			.filteredOn(Objects::nonNull)
			.extracting(DiscoveredInstance::id)
			.containsExactly("game-2");
		assertThat(content.entries()).hasSize(2);
	}

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
		assertThat(content.entries()).isEmpty();
		assertThat(content.isEmpty()).isFalse();
	}

	@Test
	void whenATagIsWantedThenItsCaseDoesNotMatter() {
		AnswerReader tagged = new AnswerReader("eu", RULES);
		String json = "[" + instance("game-1", "\"Tags\": [\"EU\"]", "passing") + ", "
				+ instance("game-2", "\"Tags\": [\"europe\"]", "passing") + "]";
		ServiceContent content = tagged.service("game", bytes(json));
		assertThat(ids(content)).containsExactly("game-1");
		assertThat(content.others()).isEqualTo(InstanceCounts.NONE.withLeftOut(LeftOut.NOT_WANTED, 1));
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"Port\": 0", "\"Port\": -1", "\"Port\": 65536", "\"ID\": \"\"", "\"ID\": \"a\\u0000b\"",
			"\"Address\": \"10.0.0.1\\n10.0.0.2\"", "\"Service\": \" \"",
			"\"Tags\": [\"a\\n\", {}, [1]], \"Port\": null" })
	void whenAnInstanceIsMalformedThenOnlyThatOneIsRefusedWithoutItsControlCharacters(String field,
			CapturedOutput output) {
		String json = "[" + instance("bad\\nWARN forged", field, "passing") + ", "
				+ instance("game-1", "\"Tags\": []", "passing") + "]";
		ServiceContent content = read(json);
		InstanceTable table = new InstanceTable("consul", RULES);
		table.update("game", content.entries(), content.others());
		assertThat(table.instances()).extracting(DiscoveredInstance::id).containsExactly("game-1");
		assertThat(table.counts()).isEqualTo(InstanceCounts.of(1).withLeftOut(LeftOut.MALFORMED, 1));
		assertThat(output.getAll().lines()).singleElement()
			.asString()
			.contains("consul: 1 entry is left out that was not before (malformed)", "expected");
	}

	@Test
	void whenThereAreMoreThanTheMaximumThenThoseThatWereFirstStayAndTheOthersAreCounted() {
		String json = IntStream.rangeClosed(1, 25)
			.mapToObj((i) -> instance("game-" + i, "\"CreateIndex\": " + (100 - i), "passing"))
			.collect(Collectors.joining(",", "[" + instance("bad", "\"Port\": 0", "passing") + ",", "]"));
		ServiceContent content = read(json);
		assertThat(ids(content)).hasSize(10).contains("game-25", "game-16").doesNotContain("bad", "game-15");
		assertThat(content.others().leftOut()).containsOnly(Map.entry(LeftOut.TOO_MANY, 15),
				Map.entry(LeftOut.MALFORMED, 1));
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
		ServiceNames tagged = new AnswerReader("eu", RULES).names(bytes(json));
		assertThat(tagged.carrying()).containsExactly("game", "chat");
		assertThat(tagged.lists("CHAT")).isTrue();
		assertThat(tagged.lists("odd")).isTrue();
		assertThat(tagged.lists("login")).isFalse();
	}

	@Test
	void whenTheCatalogListsHundredsOfThousandsOfServicesThenItIsAnError() {
		String json = IntStream.rangeClosed(0, 200_000)
			.mapToObj((i) -> "\"s" + i + "\":[]")
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
		ServiceContent content = new AnswerReader("eu", RULES).service("game", bytes(json));
		assertThat(ids(content)).containsExactly("game-7001@node-1", "Game-7001@node-2", "game-7002",
				"game-7003@node-4", "game-7004@node-4");
		assertThat(content.shared()).containsExactlyInAnyOrder("game-7001", "Game-7001", "game-7003", "game-7004");
		ServiceContent capped = new AnswerReader(null, RULES.withMaximumInstances(1)).service("game", bytes(json));
		assertThat(ids(capped)).containsExactly("game-7001@node-1");
	}

	@Test
	void whenANodesNameIsNoTextForAnIdThenItIsEncoded() {
		String json = "[" + on("a b\\nc@é", instance("game-7001", "\"Tags\": []", "passing")) + ","
				+ on("a b\\nd", instance("game-7001", "\"Tags\": []", "passing")) + "]";
		assertThat(ids(read(json))).containsExactly("game-7001@a+b%0Ac%40%C3%A9", "game-7001@a+b%0Ad");
	}

	@ParameterizedTest
	@ValueSource(strings = { "connect-proxy", "mesh-gateway", "terminating-gateway", "ingress-gateway", "api-gateway",
			"whatever comes" })
	void whenAnEntryIsOfAnotherKindThenItIsLeftOutAndCounted(String kind) {
		ServiceContent content = read("[" + instance("game-1", "\"Kind\": \"" + kind + "\"", "passing") + ","
				+ instance("game-1", "\"Kind\": \"\"", "passing") + "]");
		assertThat(ids(content)).containsExactly("game-1");
		assertThat(content.otherKinds()).containsOnly(kind);
		assertThat(content.others()).isEqualTo(InstanceCounts.NONE.withLeftOut(LeftOut.NOT_WANTED, 1));
		ServiceContent only = read("[" + instance("game-1", "\"Kind\": \"" + kind + "\"", "passing") + "]");
		assertThat(only.entries()).isEmpty();
		assertThat(only.isEmpty()).isFalse();
	}

	@Test
	void whenAnAnswerIsAboutAnotherServiceThenItIsAnError() {
		String json = "[" + instance("game-1", "\"Service\": \"chat\\n\"", "passing") + "]";
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> read(json))
			.withMessageContaining("about the service 'chat\\n' (expected");
		assertThat(read("[" + instance("game-1", "\"Service\": \"GAME\"", "passing") + "]").entries()).hasSize(1);
	}

	@Test
	void whenAnEntryIsHugeThenOnlyThatOneIsRefused(CapturedOutput output) {
		String tags = "\"Tags\": [\"" + "x".repeat(1024 * 1024) + "\"]";
		ServiceContent content = read("[" + instance("game-1", "\"Tags\": []", "passing") + ","
				+ instance("huge", tags, "passing") + "," + instance("game-2", "\"Tags\": []", "passing") + "]");
		assertThat(ids(content)).containsExactly("game-1", "game-2");
		InstanceTable table = new InstanceTable("consul", RULES);
		table.update("game", content.entries(), content.others());
		assertThat(table.counts()).isEqualTo(InstanceCounts.of(2).withLeftOut(LeftOut.MALFORMED, 1));
		assertThat(output).contains("an entry of service 'game': ", "bytes (expected: at most 1048576)");
	}

	private DiscoveredInstance only(String json) {
		ServiceContent content = read(json);
		assertThat(content.entries()).hasSize(1);
		return Objects.requireNonNull(content.entries().get(0).instance());
	}

	private static List<String> ids(ServiceContent content) {
		return content.entries()
			.stream()
			.map(InstanceEntry::instance)
			.filter(Objects::nonNull)
			.map(DiscoveredInstance::id)
			.toList();
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
