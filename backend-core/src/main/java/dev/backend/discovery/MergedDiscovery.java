package dev.backend.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.backend.discovery.DiscoveryStatus.State;
import org.jspecify.annotations.Nullable;

/**
 * Several sources as one, in a declared order: of two entries with the same name and id,
 * the one of the source that stands first wins.
 *
 * <p>
 * A merged snapshot is pushed whenever a source has pushed, from the last snapshot of
 * each. At the start it waits until all have pushed once, but no longer than
 * {@link #PATIENCE} after the first one did: a source that is down holds the others back
 * no longer than that, and what it knows is added when it comes.
 *
 * <p>
 * An instance counts as gone only when its own source says so, after that source's own
 * confirmation delay: a merged snapshot has the view of each source, and what another one
 * reads meanwhile confirms nothing.
 */
public final class MergedDiscovery implements ServiceDiscovery {

	/** How long the first snapshot waits for sources that have not pushed yet. */
	static final Duration PATIENCE = Duration.ofSeconds(2);

	private final List<ServiceDiscovery> sources;

	private MergedDiscovery(List<ServiceDiscovery> sources) {
		this.sources = List.copyOf(sources);
	}

	/**
	 * Merges sources.
	 * @param sources at least one; those that stand first win
	 * @return the sources as one
	 * @throws IllegalArgumentException if there is none
	 */
	public static MergedDiscovery of(List<ServiceDiscovery> sources) {
		if (sources.isEmpty()) {
			throw new IllegalArgumentException("sources: none (expected: at least 1)");
		}
		return new MergedDiscovery(sources);
	}

	/**
	 * Returns the sources in their order.
	 * @return the sources; each has a status of its own
	 */
	public List<ServiceDiscovery> sources() {
		return this.sources;
	}

	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		return MergedSubscription.start(this.sources, listener, PATIENCE);
	}

	/** Returns the longest delay of all sources. */
	@Override
	public Duration confirmationDelay() {
		return this.sources.stream()
			.map(ServiceDiscovery::confirmationDelay)
			.reduce(Duration.ZERO, (one, other) -> (one.compareTo(other) >= 0) ? one : other);
	}

	/**
	 * Returns the sum of all sources: down if one is down, with the reasons of all; as
	 * old as the oldest read.
	 */
	@Override
	public DiscoveryStatus status() {
		List<DiscoveryStatus> parts = this.sources.stream().map(ServiceDiscovery::status).toList();
		return new DiscoveryStatus(String.join(", ", parts.stream().map(DiscoveryStatus::source).toList()),
				state(parts),
				parts.stream().map(DiscoveryStatus::counts).reduce(InstanceCounts.NONE, InstanceCounts::plus),
				sinceLastRead(parts), reason(parts));
	}

	/** Returns the sum of all sources. */
	@Override
	public DiscoveryReads reads() {
		return this.sources.stream().map(ServiceDiscovery::reads).reduce(DiscoveryReads.NONE, DiscoveryReads::plus);
	}

	/**
	 * Closes the sources. May be called twice.
	 * @throws IllegalStateException if a source could not be closed; the others are
	 */
	@Override
	public void close() {
		IllegalStateException failure = null;
		for (ServiceDiscovery source : this.sources) {
			try {
				source.close();
			}
			catch (RuntimeException ex) {
				failure = new IllegalStateException(source.status().source() + " could not be closed", ex);
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	private static State state(List<DiscoveryStatus> parts) {
		List<State> states = parts.stream().map(DiscoveryStatus::state).toList();
		if (states.contains(State.DOWN)) {
			return State.DOWN;
		}
		return states.contains(State.STARTING) ? State.STARTING : State.UP;
	}

	private static @Nullable Duration sinceLastRead(List<DiscoveryStatus> parts) {
		Duration longest = Duration.ZERO;
		for (DiscoveryStatus part : parts) {
			Duration since = part.sinceLastRead();
			if (since == null) {
				return null;
			}
			longest = (longest.compareTo(since) >= 0) ? longest : since;
		}
		return longest;
	}

	private static @Nullable String reason(List<DiscoveryStatus> parts) {
		List<String> reasons = new ArrayList<>();
		for (DiscoveryStatus part : parts) {
			String reason = part.reason();
			if (reason != null) {
				reasons.add(reason);
			}
		}
		return reasons.isEmpty() ? null : String.join("; ", reasons);
	}

}
