package dev.backend.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import dev.backend.logging.PlainText;

/**
 * What a registry or its client says of a failure, in words that a log may show: escaped,
 * cut, and without secrets as far as those can be told: what stands before an {@code @}
 * in a URL, and the values of parameters that are named like one. For those who write a
 * {@link ServiceDiscovery}.
 */
public final class FailureText {

	private static final Pattern USER = Pattern.compile("//[^/\\s@]*@");

	private static final Pattern PARAMETER = Pattern
		.compile("(?i)((?:token|password|passwd|secret|credential|api-?key|authorization)\\w*\\s*[=:]\\s*)[^\\s&,;]+");

	private static final int MAXIMUM_LENGTH = 300;

	private static final int MAXIMUM_DEPTH = 10;

	private FailureText() {
	}

	/**
	 * Returns the messages of a failure and its causes.
	 * @param failure the failure
	 * @return the messages, or the simple names of classes that have none; the outermost
	 * first, at most ten
	 */
	public static List<String> messages(Throwable failure) {
		List<String> messages = new ArrayList<>();
		Throwable cause = failure;
		while (cause != null && messages.size() < MAXIMUM_DEPTH) {
			messages.add(printable(message(cause)));
			cause = cause.getCause();
		}
		return messages;
	}

	/** A class of somebody else may fail here, too. */
	private static String message(Throwable failure) {
		try {
			String message = failure.getMessage();
			return (message != null) ? message : failure.getClass().getSimpleName();
		}
		catch (Throwable ex) {
			return failure.getClass().getSimpleName();
		}
	}

	/**
	 * Returns the last two messages of a failure that say something new: what was tried,
	 * and what came of it.
	 * @param failure the failure
	 * @return the messages as one text
	 */
	public static String of(Throwable failure) {
		List<String> telling = new ArrayList<>();
		for (String message : messages(failure)) {
			if (telling.stream().noneMatch((earlier) -> earlier.contains(message))) {
				telling.add(message);
			}
		}
		return printable(String.join(": ", telling.subList(Math.max(0, telling.size() - 2), telling.size())));
	}

	/**
	 * Returns what a log may show of a text of others.
	 * @param text the text
	 * @return the text in one line of at most 300 characters
	 */
	public static String printable(String text) {
		return PlainText.of(PARAMETER.matcher(USER.matcher(text).replaceAll("//***@")).replaceAll("$1***"),
				MAXIMUM_LENGTH);
	}

}
