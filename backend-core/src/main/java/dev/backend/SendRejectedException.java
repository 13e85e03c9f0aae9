package dev.backend;

import org.jspecify.annotations.Nullable;

/**
 * A message was refused before anything of it was written, so that it may be sent again,
 * here or elsewhere.
 */
public class SendRejectedException extends BackendException {

	private static final long serialVersionUID = 1L;

	private final SendResult reason;

	/**
	 * Creates the exception.
	 * @param reason why
	 * @param message the service, the value and what was expected
	 * @param cause the cause, if any
	 */
	public SendRejectedException(SendResult reason, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.reason = reason;
	}

	/**
	 * Returns why the message was refused.
	 * @return the reason
	 */
	public SendResult reason() {
		return this.reason;
	}

}
