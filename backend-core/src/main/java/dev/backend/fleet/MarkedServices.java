package dev.backend.fleet;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The instances that an operator has marked, whether they are known at present or not:
 * one that restarts under its id comes back as it was left. Changed on the control
 * thread, read by any.
 */
final class MarkedServices {

	/**
	 * So many are remembered at least; beyond that, those that are gone are forgotten.
	 */
	private static final int REMEMBERED = 1000;

	private final Set<ServiceKey> keys = new LinkedHashSet<>();

	private volatile Map<String, Set<String>> view = Map.of();

	boolean contains(ServiceKey key) {
		return this.keys.contains(key);
	}

	boolean add(ServiceKey key, Predicate<ServiceKey> known) {
		boolean added = this.keys.add(key);
		int surplus = this.keys.size() - REMEMBERED;
		if (surplus > 0) {
			this.keys.stream().filter(known.negate()).limit(surplus).toList().forEach(this.keys::remove);
		}
		publish();
		return added;
	}

	boolean remove(ServiceKey key) {
		boolean removed = this.keys.remove(key);
		publish();
		return removed;
	}

	/** The ids by service name; a snapshot that does not change. */
	Map<String, Set<String>> view() {
		return this.view;
	}

	private void publish() {
		Map<String, Set<String>> byName = new HashMap<>();
		this.keys.forEach((key) -> byName.computeIfAbsent(key.name(), (name) -> new HashSet<>()).add(key.id()));
		byName.replaceAll((name, ids) -> Set.copyOf(ids));
		this.view = Map.copyOf(byName);
	}

}
