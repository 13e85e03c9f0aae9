package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The tables of properties in docs/reference.md are complete and say what the
 * configuration metadata say.
 */
class ReferenceTests {

	private static final String METADATA = "/META-INF/spring-configuration-metadata.json";

	@Test
	void everyPropertyHasItsRow() throws IOException {
		List<String> rows = Markdown.of("docs/reference.md")
			.text()
			.lines()
			.filter((line) -> line.startsWith("| `backend.") || line.startsWith("| `management."))
			.toList();
		assertThat(rows).containsExactlyInAnyOrderElementsOf(expectedRows());
	}

	@Test
	void everyTcpPropertySaysOnceWhenAChangeTakesEffect() throws IOException {
		everyPropertySaysOnceWhenAChangeTakesEffect("backend.tcp");
	}

	@Test
	void everyHttpPropertySaysOnceWhenAChangeTakesEffect() throws IOException {
		everyPropertySaysOnceWhenAChangeTakesEffect("backend.http");
	}

	private static void everyPropertySaysOnceWhenAChangeTakesEffect(String prefix) throws IOException {
		List<String> named = Markdown.of("docs/reference.md")
			.text()
			.lines()
			.dropWhile(
					(line) -> !line.equals("| when a change takes effect | properties below `%s` |".formatted(prefix)))
			.skip(2)
			.takeWhile((line) -> line.startsWith("| "))
			.flatMap((line) -> Pattern.compile("`([^`]+)`").matcher(line).results())
			.map((match) -> prefix + "." + match.group(1))
			.toList();
		assertThat(properties().map((property) -> property.at("/name").asString())
			.filter((name) -> name.startsWith(prefix + "."))
			.toList())
			.isNotEmpty()
			.allSatisfy((name) -> assertThat(named).filteredOn((parent) -> (name + ".").startsWith(parent + "."))
				.as(name)
				.hasSize(1));
	}

	@Test
	void allOtherPropertiesAreReadAtStart() throws IOException {
		List<String> named = Markdown.of("docs/reference.md")
			.text()
			.lines()
			.filter((line) -> line.startsWith("All other properties, those below "))
			.flatMap((line) -> Pattern.compile("`([^`]+)`").matcher(line).results())
			.map((match) -> match.group(1) + ".")
			.toList();
		assertThat(properties().map((property) -> property.at("/name").asString())
			.filter((name) -> !name.startsWith("backend.tcp.") && !name.startsWith("backend.http.")))
			.allSatisfy((name) -> assertThat(named).filteredOn(name::startsWith).as(name).hasSize(1));
		assertThat(named)
			.allSatisfy((prefix) -> assertThat(properties().map((property) -> property.at("/name").asString()))
				.anyMatch((name) -> name.startsWith(prefix)));
	}

	private static List<String> expectedRows() throws IOException {
		return properties().map(ReferenceTests::row).toList();
	}

	private static Stream<JsonNode> properties() throws IOException {
		try (InputStream in = Objects.requireNonNull(ReferenceTests.class.getResourceAsStream(METADATA))) {
			JsonNode properties = JsonMapper.shared().readTree(in).at("/properties");
			return StreamSupport.stream(properties.spliterator(), false);
		}
	}

	private static String row(JsonNode property) {
		return "| `%s` | %s | %s |".formatted(property.at("/name").asString(),
				defaultValue(property.at("/defaultValue")), property.at("/description").asString());
	}

	private static String defaultValue(JsonNode value) {
		if (value.isArray()) {
			return StreamSupport.stream(value.spliterator(), false)
				.map(JsonNode::asString)
				.map((item) -> "`" + item + "`")
				.collect(Collectors.joining(" "));
		}
		return value.isMissingNode() ? "" : "`" + value.asString() + "`";
	}

}
