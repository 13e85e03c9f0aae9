package dev.backend.discovery;

import java.util.List;

/**
 * The complete content of a registry at one moment. Of two entries with the same name and
 * id, the one that stands first wins.
 *
 * @param instances the entries, the one first seen latest first
 */
public record DiscoverySnapshot(List<DiscoveredInstance> instances) {

	/** Copies the list. */
	public DiscoverySnapshot {
		instances = List.copyOf(instances);
	}

}
