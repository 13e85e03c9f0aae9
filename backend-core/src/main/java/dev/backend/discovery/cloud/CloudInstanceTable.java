package dev.backend.discovery.cloud;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.discovery.DiscoveredInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what a read found into the instances of a snapshot. Remembers in which order they
 * were first seen, which is the only order that a client does not change. Reports what is
 * malformed once, not per read. For one thread.
 */
final class CloudInstanceTable {

	private static final Logger logger = LoggerFactory.getLogger(CloudInstanceTable.class);

	private final String source;

	private final int maximumInstances;

	private Map<EndPoint, Long> sequences = Map.of();

	private long nextSequence;

	private Set<String> refused = Set.of();

	private boolean overflowing;

	private int rejected;

	CloudInstanceTable(String source, int maximumInstances) {
		this.source = source;
		this.maximumInstances = maximumInstances;
	}

	/**
	 * Takes over what is known of all services.
	 * @param services the content of each service
	 * @return the instances, the one first seen latest first
	 */
	List<DiscoveredInstance> update(Map<String, CloudContent> services) {
		Set<String> problems = new HashSet<>();
		Map<EndPoint, DiscoveredInstance> read = new LinkedHashMap<>();
		int malformed = 0;
		for (CloudContent content : services.values()) {
			content.instances().forEach((instance) -> read.putIfAbsent(EndPoint.of(instance), instance));
			malformed += content.malformed();
			problems.addAll(content.problems());
		}
		report(malformed, problems);
		return take(read, malformed);
	}

	/** The number of instances that the last read refused. */
	int rejected() {
		return this.rejected;
	}

	/** Those that were there first stay: a flood of new ones must not push them out. */
	private List<DiscoveredInstance> take(Map<EndPoint, DiscoveredInstance> read, int malformed) {
		List<EndPoint> taken = new ArrayList<>();
		read.keySet().stream().filter(this.sequences::containsKey).limit(this.maximumInstances).forEach(taken::add);
		read.keySet()
			.stream()
			.filter((endPoint) -> !this.sequences.containsKey(endPoint))
			.limit(this.maximumInstances - taken.size())
			.forEach(taken::add);
		reportOverflow(read.size());
		this.rejected = malformed + read.size() - taken.size();
		Map<EndPoint, Long> sequences = new LinkedHashMap<>();
		for (EndPoint endPoint : taken) {
			Long known = this.sequences.get(endPoint);
			sequences.put(endPoint, (known != null) ? known : this.nextSequence++);
		}
		this.sequences = sequences;
		List<DiscoveredInstance> instances = new ArrayList<>();
		sequences.entrySet()
			.stream()
			.sorted(Map.Entry.<EndPoint, Long>comparingByValue(Comparator.reverseOrder()))
			.forEach((entry) -> {
				DiscoveredInstance instance = read.get(entry.getKey());
				if (instance != null) {
					instances.add(instance);
				}
			});
		return instances;
	}

	private void report(int malformed, Set<String> problems) {
		problems.stream()
			.filter((problem) -> !this.refused.contains(problem))
			.findFirst()
			.ifPresent((example) -> logger.warn("{}: {} malformed instances are left out, for example {}", this.source,
					malformed, example));
		this.refused = problems;
	}

	private void reportOverflow(int found) {
		boolean tooMany = found > this.maximumInstances;
		if (tooMany && !this.overflowing) {
			logger.warn("{}: {} instances (expected: at most {}); those beyond are left out", this.source, found,
					this.maximumInstances);
		}
		this.overflowing = tooMany;
	}

	/**
	 * What makes an instance the same one as before.
	 *
	 * @param name the service name
	 * @param id the id
	 * @param address the address
	 * @param port the port
	 */
	private record EndPoint(String name, String id, String address, int port) {

		static EndPoint of(DiscoveredInstance instance) {
			return new EndPoint(instance.name(), instance.id(), instance.address(), instance.port());
		}

	}

}
