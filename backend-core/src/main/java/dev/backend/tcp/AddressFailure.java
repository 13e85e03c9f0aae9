package dev.backend.tcp;

import java.util.regex.Pattern;

import dev.backend.transport.PlainWords;
import org.jspecify.annotations.Nullable;

/**
 * Why a {@link Dial} did not get a connection from one address.
 *
 * @param address the address
 * @param words what to say behind the address
 * @param cause what was thrown, or {@code null} if its time was over
 */
record AddressFailure(String address, String words, @Nullable Throwable cause) {

	/** What Netty appends to the message of a failed connect. */
	private static final Pattern ANNOTATION = Pattern.compile(": [^\\s/]*/\\S+:\\d+$");

	private static final String SILENT = " did not answer";

	private static final String UNFINISHED = " did not finish the handshake (it may not speak TLS: backend.tcp.ssl)";

	/** Whether there is nothing to say of it but that its time was over. */
	boolean silent() {
		return this.words.equals(SILENT);
	}

	static AddressFailure of(String address, Throwable cause) {
		String reason = ANNOTATION.matcher(PlainWords.describe(cause)).replaceFirst("");
		return new AddressFailure(address, ": " + reason, cause);
	}

	/**
	 * Returns the failure of an address whose time was over.
	 * @param address the address
	 * @param accepted whether there was a connection, but no end of the TLS handshake: a
	 * peer that does not speak TLS may wait for the rest of what it takes for a message
	 * @return the failure
	 */
	static AddressFailure timedOut(String address, boolean accepted) {
		return new AddressFailure(address, accepted ? UNFINISHED : SILENT, null);
	}

}
