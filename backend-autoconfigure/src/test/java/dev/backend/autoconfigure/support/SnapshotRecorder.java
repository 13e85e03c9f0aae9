package dev.backend.autoconfigure.support;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.ServiceDiscovery.DiscoveryListener;

/**
 * Keeps all snapshots of a source.
 */
public final class SnapshotRecorder implements DiscoveryListener {

	private final List<DiscoverySnapshot> snapshots = new CopyOnWriteArrayList<>();

	@Override
	public void onSnapshot(DiscoverySnapshot snapshot) {
		this.snapshots.add(snapshot);
	}

	public int count() {
		return this.snapshots.size();
	}

	public DiscoverySnapshot latest() {
		return this.snapshots.get(this.snapshots.size() - 1);
	}

	/** The ids of the latest snapshot in its order; empty if there is none. */
	public List<String> ids() {
		return this.snapshots.isEmpty() ? List.of()
				: latest().instances().stream().map(DiscoveredInstance::id).toList();
	}

	public List<DiscoverySnapshot> all() {
		return this.snapshots;
	}

}
