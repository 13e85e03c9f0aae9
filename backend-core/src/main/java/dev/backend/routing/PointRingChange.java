package dev.backend.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a change of members does to a {@link PointRing}: the members afterwards, the new
 * slot of each present one, and the new points. Used once, by one thread.
 *
 * @param <T> the type of what the ring leads to
 */
final class PointRingChange<T> {

	private final PointHash hash;

	private final List<RingMember<T>> present;

	private final List<RingMember<T>> members;

	PointRingChange(PointHash hash, List<RingMember<T>> present, Collection<RingMember<T>> put,
			Collection<String> removed) {
		this.hash = hash;
		this.present = present;
		this.members = merge(present, byId(put), new HashSet<>(removed));
		if (this.members.size() > RingPoints.MAXIMUM_SLOTS) {
			throw new IllegalArgumentException(
					"members: %d (expected: at most %d)".formatted(this.members.size(), RingPoints.MAXIMUM_SLOTS));
		}
	}

	/**
	 * Returns the members afterwards, in the order of their ids.
	 */
	List<RingMember<T>> members() {
		return this.members;
	}

	/**
	 * Returns the points afterwards. Members that are there before and after with the
	 * same number of points are not hashed.
	 */
	RingPoints applyTo(RingPoints points) {
		int[] slots = new int[this.present.size()];
		boolean[] stays = new boolean[this.members.size()];
		int kept = 0;
		int slot = 0;
		for (int i = 0; i < slots.length; i++) {
			RingMember<T> before = this.present.get(i);
			while (slot < stays.length && this.members.get(slot).id().compareTo(before.id()) < 0) {
				slot++;
			}
			int count = this.hash.pointCount(before.weight());
			boolean same = slot < stays.length && this.members.get(slot).id().equals(before.id())
					&& this.hash.pointCount(this.members.get(slot).weight()) == count;
			slots[i] = same ? slot : -1;
			if (same) {
				stays[slot] = true;
				kept += count;
			}
		}
		long[] added = newPoints(stays);
		return (kept == points.size() && added.length == 0) ? points : points.update(slots, kept, added);
	}

	private long[] newPoints(boolean[] stays) {
		long count = 0;
		for (int slot = 0; slot < stays.length; slot++) {
			count += stays[slot] ? 0 : this.hash.pointCount(this.members.get(slot).weight());
		}
		long[] points = new long[Math.toIntExact(count)];
		int next = 0;
		for (int slot = 0; slot < stays.length; slot++) {
			RingMember<T> member = this.members.get(slot);
			if (!stays[slot]) {
				for (int position : this.hash.memberPositions(member.id(), this.hash.pointCount(member.weight()))) {
					points[next++] = RingPoints.point(position, slot);
				}
			}
		}
		Arrays.sort(points);
		return points;
	}

	private static <T> Map<String, RingMember<T>> byId(Collection<RingMember<T>> members) {
		Map<String, RingMember<T>> byId = new HashMap<>();
		for (RingMember<T> member : members) {
			if (byId.put(member.id(), member) != null) {
				throw new IllegalArgumentException("members: id '%s' twice (expected: unique)".formatted(member.id()));
			}
		}
		return byId;
	}

	private static <T> List<RingMember<T>> merge(List<RingMember<T>> present, Map<String, RingMember<T>> put,
			Set<String> removed) {
		List<RingMember<T>> members = new ArrayList<>(present.size() + put.size());
		for (RingMember<T> member : present) {
			RingMember<T> replacement = put.remove(member.id());
			if (replacement != null) {
				members.add(replacement);
			}
			else if (!removed.contains(member.id())) {
				members.add(member);
			}
		}
		if (!put.isEmpty()) {
			members.addAll(put.values());
			members.sort(Comparator.comparing(RingMember::id));
		}
		return members;
	}

}
