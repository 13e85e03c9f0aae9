package dev.backend.discovery.consul;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import dev.backend.discovery.DiscoveredInstance;

/**
 * What an answer says of one service.
 *
 * @param listed the number of its instances, live or not
 * @param live the live instances
 * @param refused what is malformed and why, for people
 * @param surplus the number of instances beyond the maximum, which were not looked at
 */
record ServiceContent(int listed, List<Entry> live, Set<String> refused, int surplus) {

	static final ServiceContent NONE = new ServiceContent(0, List.of(), Set.of(), 0);

	ServiceContent {
		live = List.copyOf(live);
		refused = Set.copyOf(refused);
	}

	/** Whether Consul lists no instance, be it live or not. */
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
