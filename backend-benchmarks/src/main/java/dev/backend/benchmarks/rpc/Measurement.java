package dev.backend.benchmarks.rpc;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one client process, which it prints as one line.
 *
 * @param value the figure in the unit of the work
 * @param bytesPerOperation heap bytes the client's threads allocated per operation, or
 * NaN
 * @param cpuMicrosPerOperation CPU microseconds of the client's process per operation, or
 * NaN
 * @param transport the transport the client says it used
 */
public record Measurement(double value, double bytesPerOperation, double cpuMicrosPerOperation, String transport) {

	private static final String PREFIX = "RESULT ";

	private static final String SKIPPED = "SKIPPED ";

	/**
	 * Formats this as a line that {@link #parse} reads.
	 * @return the line
	 */
	public String toLine() {
		return String.format(Locale.ROOT, "%svalue=%.3f bytes=%.3f cpu=%.6f transport=%s", PREFIX, this.value,
				this.bytesPerOperation, this.cpuMicrosPerOperation, this.transport);
	}

	/**
	 * Reads a line of a client's output.
	 * @param line the line
	 * @return the outcome, or {@code null} if it is some other line
	 */
	static @Nullable Measurement parse(String line) {
		if (!line.startsWith(PREFIX)) {
			return null;
		}
		Map<String, String> fields = new HashMap<>();
		for (String field : line.substring(PREFIX.length()).split(" ")) {
			int equals = field.indexOf('=');
			fields.put(field.substring(0, equals), field.substring(equals + 1));
		}
		return new Measurement(number(fields, "value"), number(fields, "bytes"), number(fields, "cpu"),
				fields.getOrDefault("transport", "?"));
	}

	/**
	 * Formats why there is no outcome as a line that {@link #parseSkipped} reads.
	 * @param reason why
	 * @return the line
	 */
	public static String skipped(String reason) {
		return SKIPPED + reason;
	}

	/**
	 * Reads why there is no outcome.
	 * @param line a line of a client's output
	 * @return why, or {@code null} if it is some other line
	 */
	static @Nullable String parseSkipped(String line) {
		return line.startsWith(SKIPPED) ? line.substring(SKIPPED.length()) : null;
	}

	private static double number(Map<String, String> fields, String name) {
		return Double.parseDouble(fields.getOrDefault(name, "NaN"));
	}

}
