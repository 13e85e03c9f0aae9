package dev.backend.routing;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

/**
 * A ring of points. The slot of a member is its place in the order of the ids.
 *
 * @param <T> the type of what the ring leads to
 */
final class PointRing<T> implements HashRing<T> {

	private static final long CIRCLE = 1L << 32;

	private final PointHash hash;

	private final List<RingMember<T>> members;

	/** The members' values once more, to spare the look-up a step. */
	private final T[] values;

	private final SortedPoints points;

	@SuppressWarnings("unchecked")
	PointRing(PointHash hash, List<RingMember<T>> members, SortedPoints points) {
		this.hash = hash;
		this.members = members;
		this.values = (T[]) new Object[members.size()];
		for (int slot = 0; slot < this.values.length; slot++) {
			this.values[slot] = members.get(slot).value();
		}
		this.points = points;
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
		if (isEmpty()) {
			return null;
		}
		return this.values[this.points.slot(ThreadLocalRandom.current().nextInt(this.points.size()))];
	}

	@Override
	public List<T> any(int count) {
		return following(isEmpty() ? 0 : ThreadLocalRandom.current().nextInt(this.points.size()), count);
	}

	private boolean isEmpty() {
		return this.members.isEmpty();
	}

	private List<T> following(int start, int count) {
		if (count < 0) {
			throw new IllegalArgumentException("count: %d (expected: at least 0)".formatted(count));
		}
		int wanted = Math.min(count, size());
		List<T> owners = new ArrayList<>(wanted);
		BitSet seen = new BitSet(size());
		for (int i = start; owners.size() < wanted; i = (i < this.points.size()) ? i + 1 : 1) {
			int slot = this.points.slot(i);
			if (!seen.get(slot)) {
				seen.set(slot);
				owners.add(this.values[slot]);
			}
		}
		return owners;
	}

	@Override
	public HashRing<T> update(Collection<RingMember<T>> put, Collection<String> removed) {
		return new PointRingChange<>(this.hash, this.members, put, removed).applyTo(this);
	}

	@Override
	public int size() {
		return this.members.size();
	}

	@Override
	public Map<String, Double> shares() {
		long[] owned = new long[size()];
		long from = 0;
		for (int i = 0; from < CIRCLE && !isEmpty(); i++) {
			long to = end(i);
			owned[this.points.slot(i)] += to - from;
			from = to;
		}
		Map<String, Double> shares = new LinkedHashMap<>();
		for (RingMember<T> member : this.members) {
			shares.put(member.id(), fraction(owned[shares.size()]));
		}
		return Collections.unmodifiableMap(shares);
	}

	@Override
	public List<Arc> arcs() {
		List<Arc> arcs = new ArrayList<>();
		long from = 0;
		long to = 0;
		int owner = 0;
		for (int i = 0; to < CIRCLE && !isEmpty(); i++) {
			long end = end(i);
			if (end > to && this.points.slot(i) != owner) {
				addArc(arcs, from, to, owner);
				from = to;
				owner = this.points.slot(i);
			}
			to = end;
		}
		addArc(arcs, from, to, owner);
		return Collections.unmodifiableList(arcs);
	}

	private void addArc(List<Arc> arcs, long from, long to, int slot) {
		if (to > from) {
			arcs.add(new Arc(fraction(from), fraction(to), this.members.get(slot).id()));
		}
	}

	/** Returns where the arc of a point ends, given the positions that keys can have. */
	private long end(int point) {
		return Math.min(this.points.position(point), CIRCLE) & -1L << 32 - this.hash.keyBits();
	}

	private static double fraction(long length) {
		return (double) length / CIRCLE;
	}

	RingMember<T> member(int slot) {
		return this.members.get(slot);
	}

	SortedPoints points() {
		return this.points;
	}

}
