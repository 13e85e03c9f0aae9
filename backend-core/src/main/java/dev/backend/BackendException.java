package dev.backend;

import org.jspecify.annotations.Nullable;

/**
 * The root of what this library throws when a call to a service cannot be done.
 */
public abstract class BackendException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	protected BackendException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
