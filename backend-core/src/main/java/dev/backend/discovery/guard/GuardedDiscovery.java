package dev.backend.discovery.guard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceEntry;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.SourceView;
import org.jspecify.annotations.Nullable;

/**
 * A source without the instances that {@link InstanceRules} leave out: for sources that
 * do not know such rules by themselves. What is left out counts in the status, and is
 * logged when it comes, not at every read.
 */
public final class GuardedDiscovery implements ServiceDiscovery {

	private final ServiceDiscovery source;

	private final InstanceRules rules;

	/** Guarded by this. */
	private final Map<String, InstanceTable> tables = new HashMap<>();

	/** The last snapshot of the source. Guarded by this. */
	private @Nullable DiscoverySnapshot last;

	/** What of that was let through. Guarded by this. */
	private @Nullable DiscoverySnapshot allowed;

	private volatile InstanceCounts leftOut = InstanceCounts.NONE;

	private GuardedDiscovery(ServiceDiscovery source, InstanceRules rules) {
		this.source = source;
		this.rules = rules;
	}

	/**
	 * Limits a source.
	 * @param source the source
	 * @param rules which of its instances are let through
	 * @return the limited source
	 */
	public static GuardedDiscovery of(ServiceDiscovery source, InstanceRules rules) {
		return new GuardedDiscovery(source, rules);
	}

	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		return this.source.subscribe((snapshot) -> listener.onSnapshot(allowed(snapshot)));
	}

	@Override
	public Duration confirmationDelay() {
		return this.source.confirmationDelay();
	}

	@Override
	public DiscoveryStatus status() {
		DiscoveryStatus status = this.source.status();
		InstanceCounts counts = status.counts();
		for (var entry : this.leftOut.leftOut().entrySet()) {
			counts = counts.without(entry.getKey(), Math.min(entry.getValue(), counts.taken()));
		}
		return new DiscoveryStatus(status.source(), status.state(), counts, status.sinceLastRead(), status.reason());
	}

	@Override
	public DiscoveryReads reads() {
		return this.source.reads();
	}

	/**
	 * Closes the source.
	 */
	@Override
	public void close() {
		this.source.close();
	}

	/**
	 * Returns what is let through of a snapshot, which several subscriptions may get. The
	 * lock holds off their threads, so that what is left out is told once.
	 */
	private synchronized DiscoverySnapshot allowed(DiscoverySnapshot snapshot) {
		DiscoverySnapshot known = this.allowed;
		if (known != null && snapshot == this.last) {
			return known;
		}
		List<SourceView> views = new ArrayList<>();
		InstanceCounts sum = InstanceCounts.NONE;
		for (SourceView view : snapshot.views()) {
			InstanceTable table = this.tables.computeIfAbsent(view.source(),
					(name) -> new InstanceTable(name.isEmpty() ? this.source.status().source() : name, this.rules));
			views.add(new SourceView(view.source(), allowed(table, view.instances()), view.readAt(),
					view.readAtByName(), view.absence(), view.confirmationDelay()));
			sum = sum.plus(table.counts());
		}
		DiscoverySnapshot allowed = new DiscoverySnapshot(views);
		this.leftOut = sum;
		this.last = snapshot;
		this.allowed = allowed;
		return allowed;
	}

	/** In the order of the source, which is its to say. */
	private static List<DiscoveredInstance> allowed(InstanceTable table, List<DiscoveredInstance> instances) {
		List<InstanceEntry> entries = new ArrayList<>(instances.size());
		for (int i = instances.size() - 1; i >= 0; i--) {
			DiscoveredInstance instance = instances.get(i);
			entries.add(InstanceEntry.of(instance, instance).withOrder(instances.size() - i));
		}
		table.update(entries, 0);
		return table.instances();
	}

}
