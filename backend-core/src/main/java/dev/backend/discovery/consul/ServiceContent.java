package dev.backend.discovery.consul;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.backend.discovery.DiscoveredInstance;

/**
 * What an answer says of one service.
 *
 * @param listed the number of its entries, live or not, of whatever kind
 * @param live the live instances
 * @param refused what is malformed and why, for people
 * @param surplus the number of instances beyond the maximum, which were not looked at
 * @param otherKinds how many entries are of a kind that is no typical service, such as a
 * proxy or a gateway of a mesh, by kind, for people
 * @param shared the ids that several nodes have, for people
 */
record ServiceContent(int listed, List<Entry> live, Set<String> refused, int surplus, Map<String, Integer> otherKinds,
		Set<String> shared) {

	static final ServiceContent NONE = new ServiceContent(0, List.of(), Set.of(), 0, Map.of(), Set.of());

	ServiceContent {
		live = List.copyOf(live);
		refused = Set.copyOf(refused);
		otherKinds = Map.copyOf(otherKinds);
		shared = Set.copyOf(shared);
	}

	/** Whether Consul lists no entry, be it live or not. */
	boolean isEmpty() {
		return this.listed == 0;
	}

	/** Whether something of an earlier content is not there any more, or has changed. */
	boolean misses(ServiceContent earlier) {
		Set<DiscoveredInstance> present = this.live.stream().map(Entry::instance).collect(Collectors.toSet());
		return earlier.live.stream().anyMatch((entry) -> !present.contains(entry.instance()));
	}

	/**
	 * A live instance.
	 *
	 * @param instance what Consul says of it
	 * @param createdAt the index at which Consul saw it first
	 */
	record Entry(DiscoveredInstance instance, long createdAt) {
	}

}
