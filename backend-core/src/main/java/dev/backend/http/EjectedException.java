package dev.backend.http;

import java.time.Duration;

import dev.backend.settings.DurationText;
import dev.backend.transport.PlainWords;

/**
 * Why an instance does not count as usable although its probe succeeds.
 */
final class EjectedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	EjectedException(int failures, Duration time, Throwable last) {
		super("ejected for %s: %d requests in a row failed, the last with: %s".formatted(DurationText.of(time),
				failures, PlainWords.describe(last)), last, false, false);
	}

}
