package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of properties in docs/reference.md is complete and says what the
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

	private static List<String> expectedRows() throws IOException {
		try (InputStream in = Objects.requireNonNull(ReferenceTests.class.getResourceAsStream(METADATA))) {
			JsonNode properties = JsonMapper.shared().readTree(in).at("/properties");
			return StreamSupport.stream(properties.spliterator(), false).map(ReferenceTests::row).toList();
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
