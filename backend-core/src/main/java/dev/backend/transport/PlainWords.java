package dev.backend.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.backend.logging.PlainText;

/**
 * Says in plain words what went wrong with a connection. The native transports name the
 * system call and its number, some exceptions have no message at all.
 */
public final class PlainWords {

	/** Such as {@code finishConnect(..) failed with error(-111): Connection refused}. */
	private static final Pattern SYSTEM_CALL = Pattern
		.compile("\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: (.+)", Pattern.DOTALL);

	/** What Netty appends to the message of a failed connect, without a host name. */
	private static final Pattern ADDRESS = Pattern.compile(": /\\S+$");

	private PlainWords() {
	}

	/**
	 * Returns a failure whose message is for people.
	 * @param failure what was thrown
	 * @return the same if its message is plain already; otherwise an exception that has
	 * it as its cause
	 */
	public static Throwable of(Throwable failure) {
		if (!(failure instanceof IOException)) {
			return failure;
		}
		String text = text(failure);
		if (text.equals(failure.getMessage())) {
			return failure;
		}
		return (failure instanceof ConnectException) ? new ConnectException(text).initCause(failure)
				: new IOException(text, failure);
	}

	/**
	 * Returns what to print for a failure.
	 * @param failure the failure
	 * @return its message, or its type if it has none, as {@link PlainText}
	 */
	public static String describe(Throwable failure) {
		String message = failure.getMessage();
		return (message != null && !message.isBlank()) ? PlainText.of(message) : failure.getClass().getName();
	}

	/**
	 * Returns what to print for a failure behind the name of where it happened.
	 * @param failure the failure
	 * @param label the name, which the message may begin with
	 * @return as {@link #describe(Throwable)}, without that name
	 */
	public static String describe(Throwable failure, String label) {
		String text = describe(failure);
		String prefix = label + ": ";
		return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
	}

	/**
	 * Returns whether the system gave a connection up, because the peer acknowledged
	 * nothing.
	 * @param failure the failure
	 * @return whether it is that
	 */
	public static boolean isTimeout(Throwable failure) {
		return failure instanceof IOException && text(failure).equals("connection timed out");
	}

	private static String text(Throwable failure) {
		String message = failure.getMessage();
		if (message == null || message.isBlank() || message.equals("null")) {
			return (failure instanceof ClosedChannelException) ? "connection closed" : failure.getClass().getName();
		}
		Matcher systemCall = SYSTEM_CALL.matcher(message);
		if (systemCall.matches()) {
			return plain(systemCall.group(1));
		}
		if (failure instanceof UnknownHostException && message.indexOf(' ') < 0) {
			return "unknown host " + message;
		}
		return (failure instanceof SocketException || failure.getClass() == IOException.class) ? plain(message)
				: message;
	}

	private static String plain(String message) {
		String text = ADDRESS.matcher(message).replaceFirst("");
		// An abbreviation at the start stays as it is.
		boolean word = text.length() > 1 && Character.isLowerCase(text.charAt(1));
		return word ? text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1) : text;
	}

}
