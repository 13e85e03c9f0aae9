package dev.backend.discovery;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How a source of instances is doing.
 *
 * @param source what is watched, for people: {@code redis key 'games'}; without secrets
 * @param state whether the registry answers
 * @param counts how many entries the last reads saw, and how many of them are used
 * @param sinceLastRead the time since the last successful read, or {@code null} if there
 * was none
 * @param reason why the state is not {@link State#UP}, or what is wrong although it is,
 * or {@code null}; without secrets
 */
public record DiscoveryStatus(String source, State state, InstanceCounts counts, @Nullable Duration sinceLastRead,
		@Nullable String reason) {

	/**
	 * Creates the status of a source that has not begun.
	 * @param source what is watched, for people; without secrets
	 * @return the status
	 */
	public static DiscoveryStatus starting(String source) {
		return new DiscoveryStatus(source, State.STARTING, InstanceCounts.NONE, null, null);
	}

	/**
	 * Returns how many entries are used.
	 * @return the number
	 */
	public int instances() {
		return this.counts.taken();
	}

	/**
	 * Returns how many entries are not used and should be looked at.
	 * @return the number
	 */
	public int rejected() {
		return this.counts.refused();
	}

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
