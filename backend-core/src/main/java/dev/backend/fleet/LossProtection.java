package dev.backend.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoverySnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does not believe at once that most of a group is gone, nor that anything is just after
 * the registry was away.
 *
 * <p>
 * A snapshot that misses more than half of a group, or any of it just after the registry
 * was away, starts a <em>hold</em> of that group: what is missing stays desired, as if it
 * were listed. What is missing from a later snapshot while the hold lasts joins it. Each
 * instance leaves the hold when it is listed again, or when a snapshot that was read at
 * least the confirmation delay after the first one without it, by all of its sources,
 * still misses it; only then it counts as gone. No read, no confirmation: a registry that
 * has stopped to answer takes nobody away. The hold ends with its last instance. Control
 * thread only, but for {@link #holds()}.
 */
final class LossProtection {

	private static final Logger logger = LoggerFactory.getLogger(LossProtection.class);

	private final String label;

	private final long delayNanos;

	/** When each held instance was missed first, by group and id. */
	private final Map<String, Map<String, Long>> missedAt = new HashMap<>();

	private volatile Map<String, Set<String>> holds = Map.of();

	private volatile long started;

	LossProtection(String label, Duration delay) {
		this.label = label;
		this.delayNanos = delay.toNanos();
	}

	/** The ids of the held instances, by service name. */
	Map<String, Set<String>> holds() {
		return this.holds;
	}

	/** How many holds there have been. */
	long started() {
		return this.started;
	}

	/**
	 * Returns what is desired: what was read, and what is held.
	 * @param read the content of a snapshot
	 * @param snapshot when and how it was read
	 * @param desired what was desired so far
	 * @return the content and the held instances
	 */
	Map<ServiceKey, ServiceConfig> protect(Map<ServiceKey, ServiceConfig> read, DiscoverySnapshot snapshot,
			Collection<ServiceConfig> desired) {
		if (this.delayNanos == 0) {
			return read;
		}
		Map<ServiceKey, ServiceConfig> protectedRead = new LinkedHashMap<>(read);
		byGroup(desired).forEach((name, known) -> {
			List<ServiceConfig> missed = known.stream()
				.filter((config) -> !read.containsKey(ServiceKey.of(config)))
				.toList();
			for (ServiceConfig held : hold(name, known.size(), missed, snapshot)) {
				protectedRead.put(ServiceKey.of(held), held);
			}
		});
		publish();
		return protectedRead;
	}

	private static Map<String, List<ServiceConfig>> byGroup(Collection<ServiceConfig> configs) {
		Map<String, List<ServiceConfig>> groups = new HashMap<>();
		for (ServiceConfig config : configs) {
			groups.computeIfAbsent(config.name(), (name) -> new ArrayList<>()).add(config);
		}
		return groups;
	}

	private List<ServiceConfig> hold(String name, int known, List<ServiceConfig> missed, DiscoverySnapshot snapshot) {
		Map<String, Long> hold = this.missedAt.get(name);
		if (hold == null) {
			boolean suspect = snapshot.recovering() ? !missed.isEmpty() : missed.size() * 2 > known;
			if (!suspect) {
				return List.of();
			}
			hold = new HashMap<>();
			this.missedAt.put(name, hold);
			this.started++;
			logger.warn(
					"{}: the registry misses {} of {} instances of '{}' {}; those that answer are kept until a "
							+ "read at least {} later confirms it",
					this.label, missed.size(), known, name, snapshot.recovering() ? "after it was away" : "at once",
					Duration.ofNanos(this.delayNanos));
		}
		return stillHeld(name, hold, missed, snapshot);
	}

	private List<ServiceConfig> stillHeld(String name, Map<String, Long> hold, List<ServiceConfig> missed,
			DiscoverySnapshot snapshot) {
		Set<String> ids = new HashSet<>();
		List<ServiceConfig> held = missed.stream()
			.filter((config) -> snapshot.oldestReadAt()
					- hold.computeIfAbsent(config.id(), (id) -> snapshot.readAt()) < this.delayNanos)
			.peek((config) -> ids.add(config.id()))
			.toList();
		hold.keySet().retainAll(ids);
		if (hold.isEmpty()) {
			this.missedAt.remove(name);
			logger.warn("{}: the hold of '{}' ends: {}", this.label, name, missed.isEmpty() ? "all are listed again"
					: "the registry confirms that %d are gone".formatted(missed.size()));
		}
		return held;
	}

	private void publish() {
		Map<String, Set<String>> holds = new HashMap<>();
		this.missedAt.forEach((name, hold) -> holds.put(name, Set.copyOf(hold.keySet())));
		this.holds = Map.copyOf(holds);
	}

}
