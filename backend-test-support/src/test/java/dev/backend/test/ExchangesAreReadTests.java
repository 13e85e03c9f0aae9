package dev.backend.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every exchange of a test client, in the sources and documents of all modules, reads the
 * answer's body in the same statement. A body that nobody reads is a leaked buffer, and
 * so is the one whose status alone is asked for. (The other clients that we use close or
 * release what is not read: {@code retrieve()} and {@code exchangeToMono} of Spring's,
 * {@code response()} of reactor-netty, and the body handlers of the JDK.)
 */
class ExchangesAreReadTests {

	private static final Path REPOSITORY = Path.of("..");

	private static final Pattern EXCHANGE = Pattern.compile("\\.exchange(?:Successfully)?\\(\\)[^;]*+");

	private static final Pattern READ = Pattern
		.compile("\\.expectBody(List)?\\(|\\.returnResult\\([^)]*\\)\\s*\\.getResponseBody\\(");

	@Test
	void everyExchangeReadsItsBody() throws IOException {
		List<Path> texts = texts();
		assertThat(texts).hasSizeGreaterThan(300).allSatisfy((file) -> assertThat(unread(read(file))).isEmpty());
		assertThat(texts).anyMatch((file) -> EXCHANGE.matcher(read(file)).find());
	}

	@ParameterizedTest
	@ValueSource(strings = { ".exchange();", ".exchange().expectStatus().isOk();",
			".exchangeSuccessfully().returnResult(String.class);",
			".exchange().expectStatus().isOk(); web.exchange().expectBody();" })
	void whenNobodyReadsThenThatIsFound(String source) {
		assertThat(unread(source)).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { ".exchange().expectBody();",
			".exchange()\n.expectStatus()\n.isOk()\n.expectBody(A.class);", ".exchange().expectBodyList(A.class);",
			".exchange().returnResult(A.class).getResponseBody();", ".exchange(request);" })
	void whenTheBodyIsReadThenNothingIsFound(String source) {
		assertThat(unread(source)).isEmpty();
	}

	/** Other modules that are built at the same time change their folders target. */
	private static List<Path> texts() throws IOException {
		List<Path> texts = new ArrayList<>();
		Files.walkFileTree(REPOSITORY, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
				return (folder.endsWith("target") || folder.endsWith(".git")) ? FileVisitResult.SKIP_SUBTREE
						: FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
				if (file.toString().matches(".*\\.(java|md)") && !file.endsWith("ExchangesAreReadTests.java")) {
					texts.add(file);
				}
				return FileVisitResult.CONTINUE;
			}

		});
		return texts;
	}

	private static List<String> unread(String source) {
		return EXCHANGE.matcher(source)
			.results()
			.filter((exchange) -> !READ.matcher(exchange.group()).find())
			.map(MatchResult::group)
			.toList();
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
