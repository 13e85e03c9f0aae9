package dev.backend.discovery;

import java.util.List;

/**
 * The complete content of a registry at one moment. Of two entries with the same name and
 * id, the one that stands first wins.
 *
 * @param instances the entries, the one first seen latest first
 * @param readAt when the registry was read, by {@link System#nanoTime()}; of several
 * sources, when the last one was
 * @param oldestReadAt of several sources, when the one was read whose read is the oldest,
 * of those that miss something since less than the confirmation delay; what is missing is
 * confirmed to be gone only by a snapshot for which they were read again
 * @param recovering whether the registry was away until less than the confirmation delay
 * ago: what is missing may only not have come back yet, so that each loss, not only that
 * of most of a group, must be confirmed
 */
public record DiscoverySnapshot(List<DiscoveredInstance> instances, long readAt, long oldestReadAt,
		boolean recovering) {

	/** Copies the list. */
	public DiscoverySnapshot {
		instances = List.copyOf(instances);
	}

	/**
	 * Creates a snapshot of one source that was there all the time.
	 * @param instances the entries, the one first seen latest first
	 * @param readAt when the registry was read, by {@link System#nanoTime()}
	 */
	public DiscoverySnapshot(List<DiscoveredInstance> instances, long readAt) {
		this(instances, readAt, readAt, false);
	}

	/**
	 * Creates a snapshot that is read now.
	 * @param instances the entries, the one first seen latest first
	 */
	public DiscoverySnapshot(List<DiscoveredInstance> instances) {
		this(instances, System.nanoTime());
	}

}
