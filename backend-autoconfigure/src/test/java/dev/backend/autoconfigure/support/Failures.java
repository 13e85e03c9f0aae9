package dev.backend.autoconfigure.support;

import java.util.Objects;

import org.springframework.boot.test.context.assertj.ApplicationContextAssertProvider;
import org.springframework.core.NestedExceptionUtils;

/**
 * Finds why a context did not start.
 */
public final class Failures {

	private Failures() {
	}

	public static Throwable rootOf(ApplicationContextAssertProvider<?> context) {
		return NestedExceptionUtils
			.getMostSpecificCause(Objects.requireNonNull(context.getStartupFailure(), "context started"));
	}

}
