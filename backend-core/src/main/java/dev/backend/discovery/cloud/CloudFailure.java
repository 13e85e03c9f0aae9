package dev.backend.discovery.cloud;

import dev.backend.discovery.FailureText;

/**
 * A discovery client did not answer, or not as it should. The message is for people, as
 * {@link FailureText} has it.
 */
final class CloudFailure extends RuntimeException {

	private static final long serialVersionUID = 1L;

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

	/** The message, which always is one. */
	String text() {
		return String.valueOf(getMessage());
	}

	/** What was thrown is others' object, too: its message may be anything, or throw. */
	private static String reason(Throwable failure) {
		try {
			return FailureText.of(failure);
		}
		catch (Throwable ex) {
			return failure.getClass().getName();
		}
	}

}
