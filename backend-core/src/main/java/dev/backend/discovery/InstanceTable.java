package dev.backend.discovery;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import dev.backend.discovery.InstanceRules.Refusal;
import dev.backend.logging.FailureLog;
import dev.backend.logging.PlainText;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a source knows of its registry: the entries of its last reads, in the order in
 * which they were first seen, without those that the rules leave out. For those who write
 * a {@link ServiceDiscovery}. For one thread.
 *
 * <p>
 * <b>Parts.</b> A registry is read as a whole, or service by service. Each read replaces
 * one part. A part that is not read keeps what it had.
 *
 * <p>
 * <b>Order.</b> The one first seen latest comes first, since of two entries of one
 * instance that one is used. The registry says when it saw an entry first, or else this
 * table counts. A heartbeat is no such time: two live entries would take turns.
 *
 * <p>
 * <b>Bounds.</b> Of more entries than the rules take, those first seen earliest stay: a
 * flood of new ones must not push out those that are known. An entry that is refused
 * takes no place.
 *
 * <p>
 * <b>Reports.</b> What is left out is counted by reason, and logged when it comes, not at
 * every read: one line a read and reason, with one of them as an example, and ten lines a
 * minute.
 */
public final class InstanceTable {

	private static final Logger logger = LoggerFactory.getLogger(InstanceTable.class);

	private static final int SHOWN = 80;

	/** The only part of a registry that is read as a whole. */
	private static final String WHOLE = "";

	private final String source;

	private final InstanceRules rules;

	private final ServiceLog log;

	private final Map<String, Part> parts = new LinkedHashMap<>();

	private long nextOrder = 1;

	private boolean changed = true;

	private List<DiscoveredInstance> instances = List.of();

	private InstanceCounts counts = InstanceCounts.NONE;

	private boolean overflowing;

	/**
	 * Creates an empty table.
	 * @param source what is watched, for people; without secrets
	 * @param rules what an entry must be like
	 */
	public InstanceTable(String source, InstanceRules rules) {
		this.source = source;
		this.rules = rules;
		this.log = new FailureLog(System::nanoTime).of(source);
	}

	/**
	 * Finds an entry of the last read, so that it need not be parsed again.
	 * @param key its key
	 * @return the entry, or {@code null} if it was not there
	 */
	public @Nullable InstanceEntry find(Object key) {
		Part whole = this.parts.get(WHOLE);
		Row row = (whole != null) ? whole.rows().get(key) : null;
		return (row != null) ? row.entry() : null;
	}

	/**
	 * Takes over a read of the whole registry.
	 * @param entries what was read; those that come first were there first, if this is
	 * the first read
	 * @param uncounted how many more were seen that are left out because there are too
	 * many
	 */
	public void update(List<InstanceEntry> entries, int uncounted) {
		update(WHOLE, entries, InstanceCounts.NONE.withLeftOut(LeftOut.TOO_MANY, uncounted));
	}

	/**
	 * Takes over a read of one part of the registry.
	 * @param part the part, such as a service
	 * @param entries what was read; those that come first were there first, if this is
	 * the first read
	 * @param more counts of what was seen beside the entries and is left out
	 */
	public void update(String part, List<InstanceEntry> entries, InstanceCounts more) {
		Part before = this.parts.getOrDefault(part, Part.NONE);
		Map<Object, Row> rows = new LinkedHashMap<>();
		List<Row> refused = new ArrayList<>();
		boolean same = entries.size() == before.rows().size() && more.equals(before.more());
		for (InstanceEntry entry : entries) {
			Row known = before.rows().get(entry.key());
			Row row = (known != null && known.entry().says(entry)) ? known
					: row(entry, (known != null) ? known.order() : before.orders().getOrDefault(entry.key(), 0L));
			rows.putIfAbsent(entry.key(), row);
			same &= row == known;
			if (row.refused() && (known == null || !known.problem().equals(row.problem()))) {
				refused.add(row);
			}
		}
		if (!same) {
			this.parts.put(part, new Part(rows, more, orders(before, rows, more)));
			this.changed = true;
		}
		report(refused);
	}

	/**
	 * The places of entries that are not there only because more were there than could be
	 * read: they keep them, or a flood of new ones would push them out. Of too many,
	 * those that were there first.
	 */
	private Map<Object, Long> orders(Part before, Map<Object, Row> rows, InstanceCounts more) {
		if (!more.leftOut().containsKey(LeftOut.TOO_MANY)) {
			return Map.of();
		}
		Map<Object, Long> all = new HashMap<>(before.orders());
		before.rows().forEach((key, row) -> {
			if (row.leftOut() == null) {
				all.put(key, row.order());
			}
		});
		all.keySet().removeAll(rows.keySet());
		Map<Object, Long> orders = new HashMap<>();
		all.entrySet()
			.stream()
			.sorted(Map.Entry.comparingByValue())
			.limit(2L * this.rules.maximumInstances())
			.forEach((entry) -> orders.put(entry.getKey(), entry.getValue()));
		return Map.copyOf(orders);
	}

	/**
	 * Forgets a part of the registry that is not there any more.
	 * @param part the part
	 */
	public void remove(String part) {
		this.changed |= this.parts.remove(part) != null;
	}

	/**
	 * Returns what one part had at its last read.
	 * @param part the part
	 * @return the instances that are used, but for the bound on all of them
	 */
	public List<DiscoveredInstance> instances(String part) {
		return this.parts.getOrDefault(part, Part.NONE)
			.rows()
			.values()
			.stream()
			.map(Row::instance)
			.filter(Objects::nonNull)
			.toList();
	}

	/**
	 * Returns the instances that are used.
	 * @return the instances, the one first seen latest first; the same list as before if
	 * nothing has changed
	 */
	public List<DiscoveredInstance> instances() {
		collect();
		return this.instances;
	}

	/**
	 * Returns how many entries are used, and why others are not.
	 * @return the counts
	 */
	public InstanceCounts counts() {
		collect();
		return this.counts;
	}

	private Row row(InstanceEntry entry, long knownOrder) {
		long order = entry.order();
		if (order == 0) {
			order = (knownOrder != 0) ? knownOrder : this.nextOrder++;
		}
		DiscoveredInstance instance = entry.instance();
		if (instance == null) {
			return new Row(entry, order, entry.leftOut(), entry.problem());
		}
		Refusal refusal = this.rules.refusal(instance);
		if (refusal == null) {
			return new Row(entry, order, null, "");
		}
		return new Row(entry, order, refusal.reason(), "%s/%s: %s".formatted(PlainText.of(instance.name(), SHOWN),
				PlainText.of(instance.id(), SHOWN), PlainText.of(refusal.text())));
	}

	private void collect() {
		if (!this.changed) {
			return;
		}
		this.changed = false;
		List<Row> usable = new ArrayList<>();
		Map<LeftOut, Integer> leftOut = new HashMap<>();
		for (Part part : this.parts.values()) {
			part.more().leftOut().forEach((reason, number) -> leftOut.merge(reason, number, Integer::sum));
			for (Row row : part.rows().values()) {
				LeftOut reason = row.leftOut();
				if (reason == null) {
					usable.add(row);
				}
				else {
					leftOut.merge(reason, 1, Integer::sum);
				}
			}
		}
		usable.sort(Comparator.comparingLong(Row::order));
		int taken = Math.min(usable.size(), this.rules.maximumInstances());
		if (taken < usable.size()) {
			leftOut.merge(LeftOut.TOO_MANY, usable.size() - taken, Integer::sum);
		}
		List<DiscoveredInstance> instances = new ArrayList<>(taken);
		for (int i = taken - 1; i >= 0; i--) {
			DiscoveredInstance instance = usable.get(i).instance();
			if (instance != null) {
				instances.add(instance);
			}
		}
		this.counts = new InstanceCounts(taken, leftOut);
		if (!instances.equals(this.instances)) {
			this.instances = List.copyOf(instances);
		}
		reportOverflow(leftOut.getOrDefault(LeftOut.TOO_MANY, 0));
	}

	private void report(List<Row> refused) {
		if (!refused.isEmpty()) {
			Map<LeftOut, List<Row>> byReason = new TreeMap<>();
			for (Row row : refused) {
				LeftOut reason = row.leftOut();
				if (reason != null) {
					byReason.computeIfAbsent(reason, (same) -> new ArrayList<>()).add(row);
				}
				logger.debug("{}: left out: {}", this.source, row.problem());
			}
			byReason.forEach((reason, rows) -> this.log.failed(logger, Level.WARN,
					"{}: {} {} left out that {} not before ({}), such as {}", this.source, rows.size(),
					(rows.size() == 1) ? "entry is" : "entries are", (rows.size() == 1) ? "was" : "were", reason,
					rows.get(0).problem()));
		}
	}

	private void reportOverflow(int surplus) {
		if (surplus > 0 && !this.overflowing) {
			this.log.failed(logger, Level.WARN, "{}: {} entries (expected: at most {}); those beyond are left out",
					this.source, this.counts.taken() + surplus, this.rules.maximumInstances());
		}
		this.overflowing = surplus > 0;
	}

	/**
	 * What was read of a part.
	 *
	 * @param rows its entries by their keys
	 * @param more what was seen beside them
	 * @param orders the places of others that are there but could not be read
	 */
	private record Part(Map<Object, Row> rows, InstanceCounts more, Map<Object, Long> orders) {

		static final Part NONE = new Part(Map.of(), InstanceCounts.NONE, Map.of());

	}

	/**
	 * An entry and what became of it.
	 *
	 * @param entry the entry
	 * @param order its place in the order in which entries were first seen
	 * @param leftOut why it is not used, or {@code null}
	 * @param problem the same for people
	 */
	private record Row(InstanceEntry entry, long order, @Nullable LeftOut leftOut, String problem) {

		@Nullable DiscoveredInstance instance() {
			return (this.leftOut == null) ? this.entry.instance() : null;
		}

		boolean refused() {
			return this.leftOut != null && this.leftOut.refused();
		}

	}

}
