package dev.backend.routing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an update does to each ring of a {@link RoutingTable}. Used once, by one thread.
 *
 * @param <T> the type of what the rings lead to
 */
final class RoutingTableChange<T> {

	private final RingChange<T> all = new RingChange<>(new ArrayList<>(), new ArrayList<>());

	private final Map<String, RingChange<T>> byTag = new HashMap<>();

	void remove(RoutedInstance<T> member) {
		this.all.removed().add(member.id());
		member.tags().forEach((tag) -> tagged(tag).removed().add(member.id()));
	}

	void put(RoutedInstance<T> member) {
		RingMember<T> ringMember = member.ringMember();
		this.all.put().add(ringMember);
		member.tags().forEach((tag) -> tagged(tag).put().add(ringMember));
	}

	private RingChange<T> tagged(String tag) {
		return this.byTag.computeIfAbsent(tag, (unused) -> new RingChange<>(new ArrayList<>(), new ArrayList<>()));
	}

	boolean isEmpty() {
		return this.all.put().isEmpty() && this.all.removed().isEmpty();
	}

	/**
	 * Returns the ring of all members afterwards.
	 */
	HashRing<T> applyTo(HashRing<T> ring) {
		return this.all.applyTo(ring);
	}

	/**
	 * Returns the rings by tag afterwards: those that no change touches are the same, and
	 * those that lose their last member are gone.
	 */
	Map<String, HashRing<T>> applyTo(Map<String, HashRing<T>> rings, ConsistentHash algorithm) {
		Map<String, HashRing<T>> changed = new HashMap<>(rings);
		this.byTag.forEach((tag, change) -> {
			HashRing<T> before = rings.get(tag);
			HashRing<T> after = (before != null) ? change.applyTo(before) : algorithm.ring(change.put());
			if (after.size() > 0) {
				changed.put(tag, after);
			}
			else {
				changed.remove(tag);
			}
		});
		return Collections.unmodifiableMap(changed);
	}

	/**
	 * What an update does to one ring.
	 */
	private record RingChange<T>(List<RingMember<T>> put, List<String> removed) {

		HashRing<T> applyTo(HashRing<T> ring) {
			return ring.update(this.put, this.removed);
		}

	}

}
