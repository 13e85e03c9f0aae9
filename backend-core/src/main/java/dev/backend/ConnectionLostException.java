package dev.backend;

import org.jspecify.annotations.Nullable;

/**
 * The connection went away while a request was on it. {@link #written()} says whether the
 * peer may have seen it.
 */
public class ConnectionLostException extends BackendException {

	private static final long serialVersionUID = 1L;

	private final boolean written;

	/**
	 * Creates the exception.
	 * @param message the service and what happened
	 * @param written whether the request was handed to the transport
	 * @param cause why the connection went away, or {@code null} if it was closed on
	 * purpose
	 */
	public ConnectionLostException(String message, boolean written, @Nullable Throwable cause) {
		super(message, cause);
		this.written = written;
	}

	/**
	 * Returns whether the request was handed to the transport, so that the peer may have
	 * acted on it.
	 * @return {@code false} if nothing of it was written
	 */
	public boolean written() {
		return this.written;
	}

}
