package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each symbol of the Go package in docs/coming-from-gobase.md has a test that names it:
 * by a {@code @Tag} or the name of an argument set, a string that begins with
 * {@code gobase:} and goes on with the symbol. The symbols of a row are the code in its
 * first cell, without parameters. A row whose second cell begins with <em>none</em> has
 * nothing to test; such rows are listed here, so that none is added unnoticed.
 */
class ComingFromGobaseTests {

	private static final Pattern SYMBOL = Pattern.compile("`([^`(]+)[^`]*`");

	private static final Pattern NAMED = Pattern.compile("\"gobase:([^\"]+)\"");

	private static final List<Row> ROWS = Markdown.of("docs/coming-from-gobase.md")
		.text()
		.lines()
		.filter((line) -> line.startsWith("| ") && !line.startsWith("| gobase ") && !line.startsWith("| --- "))
		.map(Row::of)
		.toList();

	@Test
	void everyRowIsNamedByATestAndEveryNamedRowIsThere() throws IOException {
		Set<String> named = namedByTests();
		assertThat(named).hasSizeGreaterThan(60);
		assertThat(named).containsExactlyElementsOf(
				new TreeSet<>(ROWS.stream().filter(Row::tested).flatMap((row) -> row.symbols().stream()).toList()));
	}

	@Test
	void everyRowHasASymbolAndEverySymbolOneRow() {
		assertThat(ROWS).allSatisfy((row) -> assertThat(row.symbols()).as(row.toString()).isNotEmpty());
		assertThat(ROWS.stream().flatMap((row) -> row.symbols().stream())).doesNotHaveDuplicates();
	}

	@Test
	void theseSymbolsHaveNothingToTest() {
		assertThat(ROWS.stream().filter((row) -> !row.tested()).flatMap((row) -> row.symbols().stream()))
			.containsExactlyInAnyOrder("s.OnDialSuccess", "s.OnDialFail", "s.OnDisConnect", "s.OnClose", "s.OnRecv",
					"s.OnSend", "NewTcpService", "NewTcpGroup", "ServiceIdConfMap", "ServiceNameConfMap",
					"CtxKey_scheme", "TcpParamConfig.Create", "NewHttpService", "NewHttpGroup");
	}

	private static Set<String> namedByTests() throws IOException {
		Set<String> named = new TreeSet<>();
		try (Stream<Path> modules = Files.list(Path.of(".."))) {
			for (Path tests : modules.map((module) -> module.resolve("src/test/java"))
				.filter(Files::isDirectory)
				.toList()) {
				try (Stream<Path> files = Files.walk(tests)) {
					files.filter((file) -> file.toString().endsWith("Tests.java"))
						.filter((file) -> !file.endsWith("ComingFromGobaseTests.java"))
						.flatMap((file) -> NAMED.matcher(Markdown.read(file)).results())
						.forEach((match) -> named.add(match.group(1)));
				}
			}
		}
		return named;
	}

	/**
	 * A row of a table.
	 *
	 * @param symbols the symbols of the Go package
	 * @param tested whether there is something to test
	 */
	private record Row(List<String> symbols, boolean tested) {

		private static Row of(String line) {
			String[] cells = line.split("\\|");
			return new Row(SYMBOL.matcher(cells[1]).results().map((match) -> match.group(1)).toList(),
					!cells[2].strip().startsWith("*none*"));
		}

	}

}
