package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A document of the repository.
 *
 * @param text its content
 */
record Markdown(String text) {

	private static final Path REPOSITORY = Path.of("..");

	static Markdown readme() {
		return of("README.md");
	}

	static Markdown of(String path) {
		return new Markdown(read(REPOSITORY.resolve(path)));
	}

	static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Returns the contents of the blocks of a language. */
	List<String> blocks(String language) {
		Pattern block = Pattern.compile("^```" + language + "\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
		return block.matcher(this.text).results().map((MatchResult result) -> result.group(1)).toList();
	}

	/** Returns source text without what documents leave out. */
	static String code(String text) {
		return text.lines()
			.map(String::strip)
			.filter((line) -> !line.isEmpty() && !line.startsWith("import ") && !line.startsWith("package "))
			.reduce("", (code, line) -> code + line + "\n");
	}

}
