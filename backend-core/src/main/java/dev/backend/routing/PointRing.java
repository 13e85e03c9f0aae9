package dev.backend.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

/**
 * A ring of points. A member has a slot (number) as long as it is there, and so its
 * points need not change when others come and go.
 *
 * @param <T> the type of what the ring leads to
 */
final class PointRing<T> implements HashRing<T> {

	private static final long CIRCLE = 1L << 32;

	private final PointHash hash;

	/** The members by slot; null where a slot is free. */
	private final List<@Nullable RingMember<T>> slots;

	/** The slots of the members, in the order of their ids. */
	private final char[] order;

	/** The members' values once more, by slot, to spare the look-up a step. */
	private final T[] values;

	/**
	 * How many points the members have, in the order of their ids, up to and including
	 * each; empty if all have the same number.
	 */
	private final int[] pointsUpTo;

	private final SortedPoints points;

	@SuppressWarnings("unchecked")
	PointRing(PointHash hash, List<@Nullable RingMember<T>> slots, char[] order, SortedPoints points) {
		this.hash = hash;
		this.slots = slots;
		this.order = order;
		this.points = points;
		this.values = (T[]) new Object[slots.size()];
		int[] pointsUpTo = new int[order.length];
		int sum = 0;
		for (int i = 0; i < order.length; i++) {
			RingMember<T> member = member(order[i]);
			this.values[order[i]] = member.value();
			sum += hash.pointCount(member.weight());
			pointsUpTo[i] = sum;
		}
		boolean even = order.length == 0 || isEven(pointsUpTo);
		this.pointsUpTo = even ? new int[0] : pointsUpTo;
	}

	private static boolean isEven(int[] pointsUpTo) {
		for (int i = 1; i < pointsUpTo.length; i++) {
			if (pointsUpTo[i] - pointsUpTo[i - 1] != pointsUpTo[0]) {
				return false;
			}
		}
		return true;
	}

	static <T> PointRing<T> empty(PointHash hash) {
		return new PointRing<>(hash, List.of(), new char[0], SortedPoints.empty(hash.keyBits(), 0));
	}

	@Override
	public @Nullable T owner(String key) {
		return isEmpty() ? null : this.values[this.points.owner(this.hash.keyPosition(key))];
	}

	@Override
	public List<T> owners(String key, int count) {
		return following(isEmpty() ? 0 : this.points.after(this.hash.keyPosition(key)), count);
	}

	@Override
	public @Nullable T any() {
		return isEmpty() ? null : this.values[anySlot()];
	}

	/** Picks in proportion to the points. */
	private int anySlot() {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		int[] pointsUpTo = this.pointsUpTo;
		if (pointsUpTo.length == 0) {
			return this.order[random.nextInt(this.order.length)];
		}
		int found = Arrays.binarySearch(pointsUpTo, random.nextInt(pointsUpTo[pointsUpTo.length - 1]) + 1);
		return this.order[(found >= 0) ? found : -found - 1];
	}

	@Override
	public List<T> any(int count) {
		return following(isEmpty() ? 0 : anyPoint(), count);
	}

	private long anyPoint() {
		int slot = anySlot();
		RingMember<T> member = member(slot);
		int index = ThreadLocalRandom.current().nextInt(this.hash.pointCount(member.weight()));
		PointBuckets points = this.points.points();
		long place = points.atOrAfter(Integer.toUnsignedLong(this.hash.memberPosition(member.id(), index)));
		while (points.slot(place) != slot) {
			place = points.next(place);
		}
		return place;
	}

	private boolean isEmpty() {
		return this.order.length == 0;
	}

	private List<T> following(long start, int count) {
		if (count < 0) {
			throw new IllegalArgumentException("count: %d (expected: at least 0)".formatted(count));
		}
		int wanted = Math.min(count, size());
		PointBuckets points = this.points.points();
		List<T> owners = new ArrayList<>(wanted);
		BitSet seen = new BitSet();
		for (long place = start; owners.size() < wanted; place = points.next(place)) {
			int slot = points.slot(place);
			if (!seen.get(slot)) {
				seen.set(slot);
				owners.add(this.values[slot]);
			}
		}
		return owners;
	}

	@Override
	public HashRing<T> update(Collection<RingMember<T>> put, Collection<String> removed) {
		return new PointRingChange<>(this.hash, this, put, removed).apply();
	}

	@Override
	public int size() {
		return this.order.length;
	}

	@Override
	public Map<String, Double> shares() {
		long[] owned = new long[this.slots.size()];
		forEachArc((from, to, slot) -> owned[slot] += to - from);
		Map<String, Double> shares = new LinkedHashMap<>();
		for (int slot : this.order) {
			shares.put(member(slot).id(), fraction(owned[slot]));
		}
		return Collections.unmodifiableMap(shares);
	}

	@Override
	public List<Arc> arcs() {
		List<Arc> arcs = new ArrayList<>();
		forEachArc((from, to, slot) -> {
			String id = member(slot).id();
			Arc last = arcs.isEmpty() ? null : arcs.get(arcs.size() - 1);
			if (last != null && last.id().equals(id)) {
				arcs.set(arcs.size() - 1, new Arc(last.from(), fraction(to), id));
			}
			else {
				arcs.add(new Arc(fraction(from), fraction(to), id));
			}
		});
		return Collections.unmodifiableList(arcs);
	}

	/** Goes round the circle, given the positions that keys can have. */
	private void forEachArc(ArcVisitor visitor) {
		if (isEmpty()) {
			return;
		}
		long[] from = new long[1];
		this.points.points().forEach((position, slot) -> {
			long to = position & -1L << 32 - this.hash.keyBits();
			if (to > from[0]) {
				visitor.visit(from[0], to, slot);
				from[0] = to;
			}
		});
	}

	private static double fraction(long length) {
		return (double) length / CIRCLE;
	}

	/**
	 * Returns the slot of a member, or -1 if there is none with that id.
	 */
	int slot(String id) {
		int low = 0;
		int high = this.order.length - 1;
		while (low <= high) {
			int middle = (low + high) >>> 1;
			int order = member(this.order[middle]).id().compareTo(id);
			if (order == 0) {
				return this.order[middle];
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

	/**
	 * Returns the member in a slot that is not free.
	 */
	RingMember<T> member(int slot) {
		return Objects.requireNonNull(this.slots.get(slot));
	}

	List<@Nullable RingMember<T>> slots() {
		return this.slots;
	}

	char[] order() {
		return this.order;
	}

	SortedPoints points() {
		return this.points;
	}

	/**
	 * Is told who owns a part of the circle.
	 */
	private interface ArcVisitor {

		void visit(long from, long to, int slot);

	}

}
