package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * Follows one request to its end; one object may follow several.
 *
 * @param <M> the type of the messages
 */
@FunctionalInterface
public interface RequestObservation<M> {

	/**
	 * Returns what is sent, such as the message with the ids of a trace. Called once, by
	 * the thread that makes the request.
	 * @param message the message that the caller has passed
	 * @return by default that message
	 */
	default M message(M message) {
		return message;
	}

	/**
	 * Called when the request has ended, once, just before its future completes. On the
	 * event loop, as a rule; on the caller's thread if the request was refused at once or
	 * the caller cancels it. Must not block. What it throws is logged.
	 * @param outcome how it ended
	 * @param failure what the future fails with, or {@code null} if it does not
	 * @param nanos the time from the call that made the request to its end, in
	 * nanoseconds; some replies that arrive together share one look at the clock, before
	 * the first of them completes
	 */
	void ended(RequestOutcome outcome, @Nullable Throwable failure, long nanos);

}
