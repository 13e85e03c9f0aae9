package dev.backend.settings;

/**
 * A setting has a value that it cannot have. The message has the form
 * {@code name: value (expected: expectation)}.
 */
public final class InvalidSettingException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String name;

	private final String expectation;

	/**
	 * Creates the exception.
	 * @param name the setting's name
	 * @param value its value, for people; without secrets
	 * @param expectation what was expected
	 */
	public InvalidSettingException(String name, String value, String expectation) {
		super("%s: %s (expected: %s)".formatted(name, value, expectation));
		this.name = name;
		this.expectation = expectation;
	}

	/**
	 * Returns which setting it is.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns what was expected.
	 * @return the expectation, for people
	 */
	public String expectation() {
		return this.expectation;
	}

}
