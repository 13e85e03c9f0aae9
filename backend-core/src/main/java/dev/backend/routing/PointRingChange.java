package dev.backend.routing;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What a change of members does to a {@link PointRing}. Used once, by one thread.
 * <p>
 * The steps look at the members that change only; the others keep their slots, and their
 * points stay where they are. Newcomers take slots that are free; if there are too few,
 * their number doubles at least. When three of four are free, the ring is built anew.
 *
 * @param <T> the type of what the ring leads to
 */
final class PointRingChange<T> {

	private final PointHash hash;

	private final PointRing<T> ring;

	private final List<@Nullable RingMember<T>> slots;

	/** The slots of members that are no more. */
	private final BitSet removed = new BitSet();

	/** The slots, among the present ones, whose points leave. */
	private final BitSet leaving = new BitSet();

	/** The slots whose points come. */
	private final BitSet joining = new BitSet();

	/** Sorted by id. */
	private final List<RingMember<T>> newcomers = new ArrayList<>();

	/** The slots of the newcomers. */
	private final List<Integer> places = new ArrayList<>();

	PointRingChange(PointHash hash, PointRing<T> ring, Collection<RingMember<T>> put, Collection<String> removed) {
		this.hash = hash;
		this.ring = ring;
		this.slots = new ArrayList<>(ring.slots());
		for (String id : removed) {
			int slot = ring.slot(id);
			if (slot >= 0) {
				this.slots.set(slot, null);
				this.removed.set(slot);
				this.leaving.set(slot);
			}
		}
		for (RingMember<T> member : sorted(put)) {
			int slot = ring.slot(member.id());
			if (slot >= 0) {
				boolean changed = pointCount(member) != pointCount(ring.member(slot));
				this.slots.set(slot, member);
				this.removed.clear(slot);
				this.leaving.set(slot, changed);
				this.joining.set(slot, changed);
			}
			else {
				this.newcomers.add(member);
			}
		}
	}

	/**
	 * Returns the ring afterwards. Members that are there before and after with the same
	 * number of points are not hashed, unless the ring is built anew.
	 */
	PointRing<T> apply() {
		int size = this.ring.size() - this.removed.cardinality() + this.newcomers.size();
		if (size > PointBuckets.MAXIMUM_SLOTS) {
			throw new IllegalArgumentException(
					"members: %d (expected: at most %d)".formatted(size, PointBuckets.MAXIMUM_SLOTS));
		}
		placeNewcomers();
		char[] order = order(size);
		SortedPoints points = this.ring.points();
		int capacity = 1 << points.points().slotBits();
		if (size <= capacity / 4) {
			return rebuild(order);
		}
		if (this.slots.size() > capacity) {
			points = points.withSlots(this.slots.size());
		}
		if (!this.leaving.isEmpty() || !this.joining.isEmpty()) {
			points = points.update(points(this.leaving, this.ring.slots()), points(this.joining, this.slots), this::id);
		}
		return new PointRing<>(this.hash, this.slots, order, points);
	}

	private void placeNewcomers() {
		int slot = 0;
		for (RingMember<T> newcomer : this.newcomers) {
			while (slot < this.slots.size() && this.slots.get(slot) != null) {
				slot++;
			}
			if (slot < this.slots.size()) {
				this.slots.set(slot, newcomer);
			}
			else {
				this.slots.add(newcomer);
			}
			this.joining.set(slot);
			this.places.add(slot);
		}
	}

	/** Returns the slots in the order of the ids, without a look at most of the ids. */
	private char[] order(int size) {
		char[] present = this.ring.order();
		char[] order = new char[size];
		int next = 0;
		int count = 0;
		for (int i = 0; i < this.newcomers.size(); i++) {
			String id = this.newcomers.get(i).id();
			int to = firstAfter(id);
			for (; next < to; next++) {
				count = keep(present[next], order, count);
			}
			order[count++] = (char) (int) this.places.get(i);
		}
		for (; next < present.length; next++) {
			count = keep(present[next], order, count);
		}
		return order;
	}

	private int keep(char slot, char[] order, int count) {
		if (this.removed.get(slot)) {
			return count;
		}
		order[count] = slot;
		return count + 1;
	}

	/** Returns how many of the present members have a lower id. */
	private int firstAfter(String id) {
		char[] present = this.ring.order();
		int low = 0;
		int high = present.length;
		while (low < high) {
			int middle = (low + high) >>> 1;
			if (this.ring.member(present[middle]).id().compareTo(id) < 0) {
				low = middle + 1;
			}
			else {
				high = middle;
			}
		}
		return low;
	}

	/** Gives the members new slots, as few as there may be. */
	private PointRing<T> rebuild(char[] order) {
		List<@Nullable RingMember<T>> members = new ArrayList<>(order.length);
		char[] slots = new char[order.length];
		for (int i = 0; i < order.length; i++) {
			members.add(this.slots.get(order[i]));
			slots[i] = (char) i;
		}
		BitSet all = new BitSet();
		all.set(0, order.length);
		SortedPoints points = SortedPoints.empty(this.hash.keyBits(), order.length);
		if (order.length > 0) {
			points = points.update(List.of(), points(all, members), (slot) -> member(members, slot).id());
		}
		return new PointRing<>(this.hash, members, slots, points);
	}

	private List<MemberPoints> points(BitSet slots, List<@Nullable RingMember<T>> members) {
		return slots.stream().mapToObj((slot) -> {
			RingMember<T> member = member(members, slot);
			return new MemberPoints(slot, this.hash.memberPositions(member.id(), pointCount(member)));
		}).toList();
	}

	private String id(int slot) {
		return member(this.slots, slot).id();
	}

	private static <T> RingMember<T> member(List<@Nullable RingMember<T>> members, int slot) {
		return Objects.requireNonNull(members.get(slot));
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

}
