package dev.backend.benchmarks.rpc.client;

import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/**
 * Told once per request how it ended, on whatever thread the contender ends it. A driver
 * hands in one and the same instance for all its requests, so that a contender that can
 * does without an object per request. It is a {@link BiConsumer} too, to be passed to
 * {@code whenComplete} as it is.
 */
public interface ReplyCallback extends BiConsumer<byte @Nullable [], @Nullable Throwable> {

	/**
	 * The reply has arrived.
	 * @param length the length of its body in bytes
	 */
	void replied(int length);

	/**
	 * The request failed, which ends the measurement.
	 * @param cause why
	 */
	void failed(Throwable cause);

	@Override
	default void accept(byte @Nullable [] reply, @Nullable Throwable failure) {
		if (reply != null) {
			replied(reply.length);
		}
		else {
			failed((failure != null) ? failure : new IllegalStateException("neither a reply nor a failure"));
		}
	}

}
