package dev.backend.codec;

import org.jspecify.annotations.Nullable;

/**
 * Bytes that violate the protocol, or a codec that failed on them. Closes the connection.
 */
public class CodecException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message the value and what was expected
	 */
	public CodecException(String message) {
		super(message);
	}

	/**
	 * Creates the exception.
	 * @param message the value and what was expected
	 * @param cause the cause
	 */
	public CodecException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
