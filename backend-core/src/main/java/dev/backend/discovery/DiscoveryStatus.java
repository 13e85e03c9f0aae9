package dev.backend.discovery;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How a source of instances is doing.
 *
 * @param source what is watched, for people: {@code redis key 'games'}; without secrets
 * @param state whether the registry answers
 * @param instances the number of entries in the last snapshot
 * @param rejected the number of entries that the last read refused as malformed
 * @param sinceLastRead the time since the last successful read, or {@code null} if there
 * was none
 * @param reason why the state is not {@link State#UP}, or what is wrong although it is,
 * or {@code null}; without secrets
 */
public record DiscoveryStatus(String source, State state, int instances, int rejected, @Nullable Duration sinceLastRead,
		@Nullable String reason) {

	/** Whether a registry answers. */
	public enum State {

		/** No subscription yet, or the first read is under way. */
		STARTING,

		/** The last read succeeded and is recent. */
		UP,

		/** The last read failed, or one has been under way for too long. */
		DOWN

	}

}
