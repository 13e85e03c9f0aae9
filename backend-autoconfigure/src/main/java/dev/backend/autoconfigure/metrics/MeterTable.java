package dev.backend.autoconfigure.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters of what comes and goes, such as the services of a backend, up to a bound:
 * names come from a registry, and nobody knows how many. One thread at a time.
 *
 * @param <K> the type of what has meters
 */
final class MeterTable<K> {

	private static final Logger logger = LoggerFactory.getLogger(MeterTable.class);

	private final String label;

	private final int maximum;

	private final String property;

	private final Function<K, MeterSet> factory;

	private final Map<K, MeterSet> present = new HashMap<>();

	private boolean warned;

	/**
	 * Creates an empty table.
	 * @param label what has meters, for the log
	 * @param maximum how many may
	 * @param property the property that says so
	 * @param factory registers the meters of one
	 */
	MeterTable(String label, int maximum, String property, Function<K, MeterSet> factory) {
		this.label = label;
		this.maximum = maximum;
		this.property = property;
		this.factory = factory;
	}

	/** Removes the meters of all but these, and registers those of the new ones. */
	void update(Set<K> keys) {
		this.present.entrySet().removeIf((entry) -> {
			boolean gone = !keys.contains(entry.getKey());
			if (gone) {
				entry.getValue().close();
			}
			return gone;
		});
		for (K key : keys) {
			if (this.present.size() >= this.maximum) {
				break;
			}
			this.present.computeIfAbsent(key, this.factory);
		}
		warn(keys.size());
	}

	private void warn(int wanted) {
		if (wanted > this.maximum && !this.warned) {
			logger.warn("Of {} {}, {} have meters: at most that many may ({})", wanted, this.label, this.maximum,
					this.property);
		}
		this.warned = wanted > this.maximum;
	}

}
