package dev.backend.discovery.redis;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.ServiceDiscovery.DiscoveryListener;

/**
 * Keeps every snapshot that a discovery pushes.
 */
final class SnapshotRecorder implements DiscoveryListener {

	private final List<DiscoverySnapshot> snapshots = new CopyOnWriteArrayList<>();

	@Override
	public void onSnapshot(DiscoverySnapshot snapshot) {
		this.snapshots.add(snapshot);
	}

	int count() {
		return this.snapshots.size();
	}

	List<DiscoverySnapshot> all() {
		return List.copyOf(this.snapshots);
	}

	/** The ids of the latest snapshot in its order, or nothing if there is none. */
	List<String> ids() {
		return latest().stream().map(DiscoveredInstance::id).toList();
	}

	List<DiscoveredInstance> latest() {
		return this.snapshots.isEmpty() ? List.of() : this.snapshots.get(this.snapshots.size() - 1).instances();
	}

}
