package dev.backend.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A source of instances that a test changes by hand.
 */
public final class InMemoryDiscovery implements ServiceDiscovery {

	private final List<DiscoveryListener> listeners = new ArrayList<>();

	private List<DiscoveredInstance> instances = List.of();

	public static DiscoveredInstance instance(String name, String id, int port, String... tags) {
		return new DiscoveredInstance(name, id, "tcp", "127.0.0.1", port, List.of(),
				Map.of("routerTag", String.join(" ", tags)));
	}

	public synchronized void set(DiscoveredInstance... instances) {
		this.instances = List.of(instances);
		this.listeners.forEach((listener) -> listener.onSnapshot(DiscoverySnapshot.of(this.instances)));
	}

	@Override
	public synchronized Subscription subscribe(DiscoveryListener listener) {
		this.listeners.add(listener);
		listener.onSnapshot(DiscoverySnapshot.of(this.instances));
		return () -> remove(listener);
	}

	private synchronized void remove(DiscoveryListener listener) {
		this.listeners.remove(listener);
	}

	@Override
	public Duration confirmationDelay() {
		return Duration.ZERO;
	}

	@Override
	public DiscoveryStatus status() {
		return new DiscoveryStatus("memory", DiscoveryStatus.State.UP, InstanceCounts.of(this.instances.size()),
				Duration.ZERO, null);
	}

}
