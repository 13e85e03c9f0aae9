package dev.backend.http;

/**
 * Why an instance does not count as usable although it has answered.
 */
final class ProbeFailedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	ProbeFailedException(String message) {
		super(message, null, false, false);
	}

}
