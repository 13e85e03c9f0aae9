package dev.backend;

/**
 * No reply came before the deadline of a request. {@link #written()} says whether the
 * peer may have seen it.
 */
public class RequestTimeoutException extends BackendException {

	private static final long serialVersionUID = 1L;

	private final boolean written;

	/**
	 * Creates the exception.
	 * @param message the service, the request and its time-out
	 * @param written whether the request was handed to the transport before its deadline
	 */
	public RequestTimeoutException(String message, boolean written) {
		super(message, null);
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
