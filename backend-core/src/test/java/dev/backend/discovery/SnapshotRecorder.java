package dev.backend.discovery;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.discovery.ServiceDiscovery.DiscoveryListener;

/**
 * Keeps every snapshot that a discovery pushes.
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

	public List<DiscoverySnapshot> all() {
		return List.copyOf(this.snapshots);
	}

	/** The latest snapshot; there must be one. */
	public DiscoverySnapshot last() {
		return this.snapshots.get(this.snapshots.size() - 1);
	}

	/** The instances of the latest snapshot, or nothing if there is none. */
	public List<DiscoveredInstance> latest() {
		return this.snapshots.isEmpty() ? List.of() : last().instances();
	}

	/** The ids of the latest snapshot in its order, or nothing if there is none. */
	public List<String> ids() {
		return latest().stream().map(DiscoveredInstance::id).toList();
	}

	/** Whether there is a snapshot and the latest one has these ids and no other. */
	public boolean shows(String... ids) {
		return !this.snapshots.isEmpty() && Set.copyOf(ids()).equals(Set.of(ids));
	}

	/** The instance of this id in the latest snapshot; it must be there. */
	public DiscoveredInstance instance(String id) {
		return latest().stream().filter((instance) -> instance.id().equals(id)).findFirst().orElseThrow();
	}

}
