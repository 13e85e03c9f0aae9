package dev.backend.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * The beans or properties of an application do not make a whole. Thrown at start-up only;
 * Spring Boot shows the problem and the action without a stack trace.
 */
public final class BackendConfigurationException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String problem;

	private final String action;

	/**
	 * Creates the exception.
	 * @param problem what is wrong: the bean or property, its value and what was expected
	 * @param action what to do about it
	 */
	public BackendConfigurationException(String problem, String action) {
		this(problem, action, null);
	}

	/**
	 * Creates the exception with what led to it.
	 * @param problem what is wrong: the bean or property, its value and what was expected
	 * @param action what to do about it
	 * @param cause the failure behind it, or {@code null}
	 */
	public BackendConfigurationException(String problem, String action, @Nullable Throwable cause) {
		super(problem + " " + action, cause);
		this.problem = problem;
		this.action = action;
	}

	/**
	 * Returns what is wrong.
	 * @return one or more sentences
	 */
	public String problem() {
		return this.problem;
	}

	/**
	 * Returns what to do about it.
	 * @return one or more sentences
	 */
	public String action() {
		return this.action;
	}

}
