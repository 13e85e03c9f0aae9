package dev.backend.discovery.redis;

/**
 * Redis answered, and the registry cannot be used as it is.
 */
final class RegistryException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	RegistryException(String message) {
		super(message);
	}

}
