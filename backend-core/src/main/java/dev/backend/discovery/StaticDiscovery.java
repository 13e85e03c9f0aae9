package dev.backend.discovery;

import java.time.Duration;
import java.util.List;

import dev.backend.discovery.DiscoveryStatus.State;
import org.jspecify.annotations.Nullable;

/**
 * Instances that are known from the start and never change. Needs no registry, and what
 * it says needs no confirmation.
 */
public final class StaticDiscovery implements ServiceDiscovery {

	private final String source;

	private final DiscoverySnapshot snapshot;

	private StaticDiscovery(String source, List<DiscoveredInstance> instances) {
		this.source = source;
		this.snapshot = DiscoverySnapshot.of(instances);
	}

	/**
	 * Creates a source of instances.
	 * @param source where they are written down, for people; without secrets
	 * @param instances the instances; of two with the same name and id, the first one is
	 * used
	 * @return the source
	 */
	public static StaticDiscovery of(String source, List<DiscoveredInstance> instances) {
		return new StaticDiscovery(source, instances);
	}

	/** Pushes the only snapshot before it returns, on the calling thread. */
	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		listener.onSnapshot(this.snapshot);
		return () -> {
		};
	}

	/** Returns zero. */
	@Override
	public Duration confirmationDelay() {
		return Duration.ZERO;
	}

	@Override
	public DiscoveryStatus status() {
		@Nullable String reason = this.snapshot.instances().isEmpty() ? "no instances are given" : null;
		return new DiscoveryStatus(this.source, State.UP, InstanceCounts.of(this.snapshot.instances().size()),
				Duration.ZERO, reason);
	}

}
