package dev.backend.discovery.cloud;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import dev.backend.logging.PlainText;

/**
 * A discovery client did not answer, or not as it should. The message is for people and
 * without secrets, as far as those can be told: what stands before an {@code @} in a URL,
 * and the values of parameters that are named like one.
 */
final class CloudFailure extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private static final Pattern USER = Pattern.compile("//[^/\\s@]*@");

	private static final Pattern PARAMETER = Pattern
		.compile("(?i)((?:token|password|passwd|secret|credential|api-?key|authorization)\\w*\\s*[=:]\\s*)[^\\s&,;]+");

	private static final int MAXIMUM_TEXT = 200;

	CloudFailure(String message) {
		super(message);
	}

	CloudFailure(String asked, Throwable cause) {
		super(asked + ": " + reason(cause), cause);
	}

	private CloudFailure(Throwable cause) {
		super(reason(cause), cause);
	}

	static CloudFailure of(Throwable failure) {
		return (failure instanceof CloudFailure known) ? known : new CloudFailure(failure);
	}

	/** What was thrown is others' object, too: its message may be anything, or throw. */
	private static String reason(Throwable failure) {
		try {
			return messages(failure);
		}
		catch (Throwable ex) {
			return failure.getClass().getName();
		}
	}

	/** The last two messages that say something new: what was tried, what came of it. */
	private static String messages(Throwable failure) {
		List<String> telling = new ArrayList<>();
		Throwable cause = failure;
		for (int depth = 0; cause != null && depth < 10; depth++) {
			String message = (cause.getMessage() != null) ? cause.getMessage() : cause.getClass().getSimpleName();
			if (telling.stream().noneMatch((earlier) -> earlier.contains(message))) {
				telling.add(message);
			}
			cause = cause.getCause();
		}
		return printable(String.join(": ", telling.subList(Math.max(0, telling.size() - 2), telling.size())));
	}

	/** What a log may show of a text of others. */
	static String printable(String text) {
		String secretless = PARAMETER.matcher(USER.matcher(text).replaceAll("//***@")).replaceAll("$1***");
		return PlainText.of(secretless, MAXIMUM_TEXT);
	}

}
