package dev.backend.discovery.consul;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.consul.ServiceContent.Entry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of all services: the last answer of each. Reports what is malformed once,
 * not per read. For one thread.
 */
final class InstanceTable {

	private static final Logger logger = LoggerFactory.getLogger(InstanceTable.class);

	private static final int MAXIMUM_KINDS = 20;

	private final String source;

	private final int maximumInstances;

	private final Map<String, ServiceContent> services = new HashMap<>();

	private @Nullable List<DiscoveredInstance> instances;

	private int surplus;

	private boolean overflowing;

	/** The kinds of entries that were told of; Consul has a handful. */
	private final Set<String> knownKinds = new HashSet<>();

	InstanceTable(String source, int maximumInstances) {
		this.source = source;
		this.maximumInstances = maximumInstances;
	}

	ServiceContent get(String name) {
		return this.services.getOrDefault(name, ServiceContent.NONE);
	}

	void put(String name, ServiceContent content) {
		ServiceContent before = get(name);
		content.refused()
			.stream()
			.filter((refused) -> !before.refused().contains(refused))
			.findFirst()
			.ifPresent((example) -> logger.warn("{}: {} malformed instances are left out, for example {}", this.source,
					content.refused().size(), example));
		content.shared()
			.stream()
			.filter((id) -> !before.shared().contains(id))
			.findFirst()
			.ifPresent((example) -> logger.info(
					"{}: {} ids of service '{}' are those of several nodes, for example '{}', and become id@node",
					this.source, content.shared().size(), ConsulFailure.printable(name), example));
		content.otherKinds().keySet().forEach((kind) -> reportKind(kind, name));
		this.services.put(name, content);
		if (!content.equals(before)) {
			this.instances = null;
		}
	}

	void remove(String name) {
		if (this.services.remove(name) != null) {
			this.instances = null;
		}
	}

	/** The live instances, the one first seen latest first. */
	List<DiscoveredInstance> instances() {
		if (this.instances == null) {
			this.instances = collect();
		}
		return this.instances;
	}

	/** The number of instances that are left out, malformed or beyond the maximum. */
	int rejected() {
		instances();
		return this.surplus + this.services.values().stream().mapToInt((content) -> content.refused().size()).sum();
	}

	/** Those that were there first stay: a flood of new ones must not push them out. */
	private List<DiscoveredInstance> collect() {
		List<Entry> oldestFirst = this.services.values()
			.stream()
			.flatMap((content) -> content.live().stream())
			.sorted(Comparator.comparingLong(Entry::createdAt))
			.toList();
		int taken = Math.min(oldestFirst.size(), this.maximumInstances);
		this.surplus = oldestFirst.size() - taken
				+ this.services.values().stream().mapToInt(ServiceContent::surplus).sum();
		reportOverflow(taken + this.surplus);
		return oldestFirst.subList(0, taken)
			.stream()
			.sorted(Comparator.comparingLong(Entry::createdAt).reversed())
			.map(Entry::instance)
			.toList();
	}

	private void reportKind(String kind, String name) {
		if (this.knownKinds.size() < MAXIMUM_KINDS && this.knownKinds.add(kind)) {
			logger.info("{}: entries of the kind '{}' are no services of an application and are left out, for example "
					+ "those of '{}'", this.source, kind, ConsulFailure.printable(name));
		}
	}

	private void reportOverflow(int live) {
		boolean tooMany = this.surplus > 0;
		if (tooMany && !this.overflowing) {
			logger.warn("{}: {} live instances (expected: at most {}); those beyond are left out", this.source, live,
					this.maximumInstances);
		}
		this.overflowing = tooMany;
	}

}
