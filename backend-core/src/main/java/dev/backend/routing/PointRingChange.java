package dev.backend.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a change of members does to a {@link PointRing}. Used once, by one thread.
 * <p>
 * The steps look at the members that change only; the others are copied, and their points
 * renumbered, without a look at their ids, which would take longer than all the rest.
 *
 * @param <T> the type of what the ring leads to
 */
final class PointRingChange<T> {

	private final PointHash hash;

	/** The present members by slot, replaced where they are, null where they leave. */
	private final List<@Nullable RingMember<T>> present;

	/** The slots, among the present ones, whose points leave. */
	private final BitSet leaving = new BitSet();

	private final List<RingMember<T>> newcomers = new ArrayList<>();

	private final List<RingMember<T>> members = new ArrayList<>();

	PointRingChange(PointHash hash, List<RingMember<T>> present, Collection<RingMember<T>> put,
			Collection<String> removed) {
		this.hash = hash;
		this.present = new ArrayList<>(present);
		for (String id : removed) {
			int slot = slot(present, id);
			if (slot >= 0) {
				this.present.set(slot, null);
				this.leaving.set(slot);
			}
		}
		for (RingMember<T> member : sorted(put)) {
			int slot = slot(present, member.id());
			if (slot >= 0) {
				this.present.set(slot, member);
				this.leaving.set(slot, pointCount(member) != pointCount(present.get(slot)));
			}
			else {
				this.newcomers.add(member);
			}
		}
	}

	/**
	 * Returns the ring afterwards. Members that are there before and after with the same
	 * number of points are not hashed.
	 * @param ring the ring whose members this change was made for
	 */
	PointRing<T> applyTo(PointRing<T> ring) {
		int leavingPoints = this.leaving.stream().map((slot) -> pointCount(ring.member(slot))).sum();
		BitSet hashed = new BitSet();
		int[] slots = merge(hashed);
		if (this.members.size() > SortedPoints.MAXIMUM_SLOTS) {
			throw new IllegalArgumentException(
					"members: %d (expected: at most %d)".formatted(this.members.size(), SortedPoints.MAXIMUM_SLOTS));
		}
		SortedPoints points = ring.points();
		if (leavingPoints != 0 || !hashed.isEmpty()) {
			points = points.update(slots, points.size() - leavingPoints, newPoints(hashed));
		}
		return new PointRing<>(this.hash, this.members, points);
	}

	/**
	 * Fills the members in the order of their ids, and says whose points are to be made.
	 * @return the new slot of each present one, or -1 if its points leave
	 */
	private int[] merge(BitSet hashed) {
		int[] slots = new int[this.present.size()];
		int next = 0;
		for (int i = 0; i < slots.length; i++) {
			RingMember<T> member = this.present.get(i);
			slots[i] = -1;
			if (member != null) {
				while (next < this.newcomers.size() && this.newcomers.get(next).id().compareTo(member.id()) < 0) {
					hashed.set(this.members.size());
					this.members.add(this.newcomers.get(next++));
				}
				if (this.leaving.get(i)) {
					hashed.set(this.members.size());
				}
				else {
					slots[i] = this.members.size();
				}
				this.members.add(member);
			}
		}
		hashed.set(this.members.size(), this.members.size() + this.newcomers.size() - next);
		this.members.addAll(this.newcomers.subList(next, this.newcomers.size()));
		return slots;
	}

	private long[] newPoints(BitSet slots) {
		long count = slots.stream().mapToLong((slot) -> pointCount(this.members.get(slot))).sum();
		long[] points = new long[Math.toIntExact(count)];
		int next = 0;
		for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
			RingMember<T> member = this.members.get(slot);
			for (int position : this.hash.memberPositions(member.id(), pointCount(member))) {
				points[next++] = SortedPoints.point(position, slot);
			}
		}
		Arrays.sort(points);
		return points;
	}

	private int pointCount(RingMember<T> member) {
		return this.hash.pointCount(member.weight());
	}

	private static <T> List<RingMember<T>> sorted(Collection<RingMember<T>> members) {
		List<RingMember<T>> sorted = new ArrayList<>(members);
		sorted.sort(Comparator.comparing(RingMember::id));
		for (int i = 1; i < sorted.size(); i++) {
			String id = sorted.get(i).id();
			if (id.equals(sorted.get(i - 1).id())) {
				throw new IllegalArgumentException("members: id '%s' twice (expected: unique)".formatted(id));
			}
		}
		return sorted;
	}

	private static <T> int slot(List<RingMember<T>> members, String id) {
		int low = 0;
		int high = members.size() - 1;
		while (low <= high) {
			int middle = (low + high) >>> 1;
			int order = members.get(middle).id().compareTo(id);
			if (order == 0) {
				return middle;
			}
			if (order < 0) {
				low = middle + 1;
			}
			else {
				high = middle - 1;
			}
		}
		return -1;
	}

}
