package dev.backend.protocol;

import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A value of the Redis serialization protocol.
 *
 * @param type the character that it begins with
 * @param text what it says, or {@code null} for the null values and arrays
 * @param items of an array
 */
record Resp(char type, @Nullable String text, List<Resp> items) {

	static Resp command(String... words) {
		return new Resp('*', null, Stream.of(words).map((word) -> new Resp('$', word, List.of())).toList());
	}

	String line() {
		return this.type + ((this.text != null) ? this.text : "");
	}

	List<String> texts() {
		return this.items.stream().map((item) -> String.valueOf(item.text())).toList();
	}

}
