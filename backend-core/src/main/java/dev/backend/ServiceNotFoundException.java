package dev.backend;

/**
 * No usable instance answers to the name, id or route of a call. The message says how
 * many are known and why none is usable.
 */
public class ServiceNotFoundException extends BackendException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what was looked for, and what is there instead
	 */
	public ServiceNotFoundException(String message) {
		super(message, null);
	}

}
