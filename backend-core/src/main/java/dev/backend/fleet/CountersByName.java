package dev.backend.fleet;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * The counters of each service name. They outlive its group, so that a name that comes
 * back goes on where it was; but not for ever, because names may come and go without end:
 * those of a name that is gone are forgotten after an hour, and those of the names that
 * are gone longest when there are more than a thousand of these. Safe for use by any
 * thread.
 *
 * @param <C> the type of the counters
 */
public final class CountersByName<C> {

	private static final long KEPT_NANOS = Duration.ofHours(1).toNanos();

	private static final int KEPT_NAMES = 1000;

	private final Map<String, Entry<C>> entries = new ConcurrentHashMap<>();

	private final Supplier<C> factory;

	private final LongSupplier nanoTime;

	/**
	 * Creates an empty table.
	 * @param factory makes the counters of a name
	 * @param nanoTime the present time, such as {@link System#nanoTime()}
	 */
	public CountersByName(Supplier<C> factory, LongSupplier nanoTime) {
		this.factory = factory;
		this.nanoTime = nanoTime;
	}

	/**
	 * Returns the counters of a service name, which it has from then on.
	 * @param name the name
	 * @return its counters
	 */
	public C get(String name) {
		Entry<C> present = this.entries.get(name);
		if (present != null && present.goneSince() == null) {
			return present.counters();
		}
		return this.entries
			.compute(name, (same, entry) -> new Entry<>((entry != null) ? entry.counters() : this.factory.get(), null))
			.counters();
	}

	/**
	 * Forgets the counters of names that are gone for long, or are too many. To be called
	 * from time to time.
	 * @param names those that are not gone
	 */
	public void retain(Set<String> names) {
		long now = this.nanoTime.getAsLong();
		for (String name : this.entries.keySet()) {
			this.entries.computeIfPresent(name, (same, entry) -> {
				if (names.contains(name)) {
					return (entry.goneSince() != null) ? new Entry<>(entry.counters(), null) : entry;
				}
				Long since = entry.goneSince();
				if (since == null) {
					return new Entry<>(entry.counters(), now);
				}
				return (now - since < KEPT_NANOS) ? entry : null;
			});
		}
		forgetLongestGone(now);
	}

	private void forgetLongestGone(long now) {
		List<String> gone = this.entries.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().goneSince() != null)
			.sorted(Comparator.comparingLong((entry) -> age(entry.getValue(), now)))
			.map(Map.Entry::getKey)
			.toList();
		for (String name : gone.subList(Math.min(KEPT_NAMES, gone.size()), gone.size())) {
			this.entries.computeIfPresent(name, (same, entry) -> (entry.goneSince() != null) ? null : entry);
		}
	}

	private static long age(Entry<?> entry, long now) {
		Long since = entry.goneSince();
		return (since != null) ? now - since : 0;
	}

	/** How many names have counters. */
	int size() {
		return this.entries.size();
	}

	private record Entry<C>(C counters, @Nullable Long goneSince) {
	}

}
