package dev.backend.discovery.consul;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceEntry;

/**
 * What an answer says of one service.
 *
 * @param entries its live entries that carry the tag
 * @param others how many other entries there are, and why they are left out
 * @param otherKinds the kinds of those that are no typical service, such as a proxy or a
 * gateway of a mesh, for people
 * @param shared the ids that several nodes have, for people
 */
record ServiceContent(List<InstanceEntry> entries, InstanceCounts others, Set<String> otherKinds, Set<String> shared) {

	ServiceContent {
		entries = List.copyOf(entries);
		otherKinds = Set.copyOf(otherKinds);
		shared = Set.copyOf(shared);
	}

	/** Whether Consul lists no entry, be it live or not. */
	boolean isEmpty() {
		return this.entries.isEmpty() && this.others.seen() == 0;
	}

	/** Whether something that was there before is not there any more, or has changed. */
	boolean misses(Collection<DiscoveredInstance> earlier) {
		Set<DiscoveredInstance> present = new HashSet<>();
		for (InstanceEntry entry : this.entries) {
			DiscoveredInstance instance = entry.instance();
			if (instance != null) {
				present.add(instance);
			}
		}
		return !present.containsAll(earlier);
	}

}
