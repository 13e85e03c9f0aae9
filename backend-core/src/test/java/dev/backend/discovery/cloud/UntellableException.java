package dev.backend.discovery.cloud;

/**
 * Throws where it is asked what has happened.
 */
final class UntellableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	@Override
	public String getMessage() {
		throw new StackOverflowError();
	}

}
