package dev.backend.autoconfigure.support;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.LeftOut;
import dev.backend.discovery.ServiceDiscovery;
import org.jspecify.annotations.Nullable;

/**
 * A registry that says what the test says.
 */
public class InMemoryDiscovery implements ServiceDiscovery {

	private final List<DiscoveryListener> listeners = new CopyOnWriteArrayList<>();

	private volatile @Nullable DiscoverySnapshot snapshot;

	private Duration confirmationDelay = Duration.ZERO;

	private volatile DiscoveryStatus status = DiscoveryStatus.starting("memory");

	public InMemoryDiscovery(DiscoveredInstance... instances) {
		push(instances);
	}

	/** Returns a discovery that has not answered yet. */
	public static InMemoryDiscovery silent() {
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		discovery.snapshot = null;
		discovery.status = DiscoveryStatus.starting("memory");
		return discovery;
	}

	public void push(DiscoveredInstance... instances) {
		DiscoverySnapshot snapshot = DiscoverySnapshot.of(List.of(instances));
		this.snapshot = snapshot;
		this.status = new DiscoveryStatus("memory", DiscoveryStatus.State.UP, InstanceCounts.of(instances.length),
				Duration.ZERO, null);
		this.listeners.forEach((listener) -> listener.onSnapshot(snapshot));
	}

	public void fail(String reason) {
		this.status = new DiscoveryStatus("memory", DiscoveryStatus.State.DOWN,
				InstanceCounts.NONE.withLeftOut(LeftOut.MALFORMED, 1), null, reason);
	}

	public int subscriptions() {
		return this.listeners.size();
	}

	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		this.listeners.add(listener);
		DiscoverySnapshot known = this.snapshot;
		if (known != null) {
			listener.onSnapshot(known);
		}
		return () -> this.listeners.remove(listener);
	}

	/** Sets what needs a second read to be believed, which nothing does by default. */
	public InMemoryDiscovery confirmationDelay(Duration confirmationDelay) {
		this.confirmationDelay = confirmationDelay;
		return this;
	}

	@Override
	public Duration confirmationDelay() {
		return this.confirmationDelay;
	}

	@Override
	public DiscoveryStatus status() {
		return this.status;
	}

}
