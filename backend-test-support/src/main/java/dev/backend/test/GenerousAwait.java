package dev.backend.test;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has every test wait for long enough on a machine that does much else: how long is no
 * matter of the test, and one that passes does not wait for it. Registered for all tests.
 */
public final class GenerousAwait implements BeforeAllCallback {

	/** Less than the shortest time limit of a test, so that its own message is seen. */
	private static final Duration TIMEOUT = Duration.ofSeconds(50);

	@Override
	public void beforeAll(ExtensionContext context) {
		Awaitility.setDefaultTimeout(TIMEOUT);
	}

}
