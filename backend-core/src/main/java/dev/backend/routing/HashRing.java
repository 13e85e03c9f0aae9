package dev.backend.routing;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A ring of members, each of which owns arcs of the circle of hash values. Immutable: a
 * change makes another ring and leaves this one as it is, so any thread may look up
 * without a lock. Rings of the same members are equivalent, whatever changes led to them.
 *
 * @param <T> the type of what the ring leads to
 */
public interface HashRing<T> {

	/**
	 * Returns the owner of a key. Neither blocks nor allocates.
	 * @param key the key, taken as it is
	 * @return the owner, or {@code null} if the ring is empty
	 */
	@Nullable T owner(String key);

	/**
	 * Returns the owner of a key and the members that follow it on the ring: whom the key
	 * would go to if those before it left.
	 * @param key the key, taken as it is
	 * @param count the number of members wanted, at least 0
	 * @return distinct members, the owner first; fewer than {@code count} if the ring has
	 * fewer
	 * @throws IllegalArgumentException if {@code count} is negative
	 */
	List<T> owners(String key, int count);

	/**
	 * Returns a member at random, in proportion to the weights where the algorithm knows
	 * them, evenly otherwise. Neither blocks nor allocates.
	 * @return a member, or {@code null} if the ring is empty
	 */
	@Nullable T any();

	/**
	 * Returns a member at random as {@link #any()} does, and the members that follow it
	 * on the ring.
	 * @param count the number of members wanted, at least 0
	 * @return distinct members; fewer than {@code count} if the ring has fewer
	 * @throws IllegalArgumentException if {@code count} is negative
	 */
	List<T> any(int count);

	/**
	 * Returns this ring with members added, replaced and removed, all in one pass over
	 * the points: the way to make several changes at once. A replacement of equal weight
	 * re-hashes nothing.
	 * @param put the members to add, or to put in the place of those with the same id;
	 * each with an id of its own
	 * @param removed the ids of the members to remove; unknown ones are ignored, and so
	 * are those that are also put
	 * @return the changed ring
	 * @throws IllegalArgumentException if two members to put have the same id
	 */
	HashRing<T> update(Collection<RingMember<T>> put, Collection<String> removed);

	/**
	 * Returns this ring with one member added, or put in the place of the one with the
	 * same id.
	 * @param member the member
	 * @return the changed ring
	 */
	default HashRing<T> with(RingMember<T> member) {
		return update(List.of(member), Set.of());
	}

	/**
	 * Returns this ring without one member. Only keys that it owned get another owner.
	 * @param id the member's id; an unknown one is ignored
	 * @return the changed ring
	 */
	default HashRing<T> without(String id) {
		return update(List.of(), Set.of(id));
	}

	/**
	 * Returns the number of members.
	 * @return the number, 0 if the ring is empty
	 */
	int size();

	/**
	 * Returns what part of the circle each member owns.
	 * @return the fraction by member id, in the order of the ids; they add up to 1 unless
	 * the ring is empty
	 */
	Map<String, Double> shares();

	/**
	 * Returns the circle as a sequence of arcs, for a picture. Neighbouring arcs of the
	 * same owner are one.
	 * @return the arcs from 0 to 1, without gaps; none if the ring is empty
	 */
	List<Arc> arcs();

	/**
	 * A part of the circle that one member owns.
	 *
	 * @param from where the arc starts, as a fraction of the circle, inclusive
	 * @param to where the arc ends, as a fraction of the circle, exclusive
	 * @param id the id of the owner
	 */
	record Arc(double from, double to, String id) {

	}

}
