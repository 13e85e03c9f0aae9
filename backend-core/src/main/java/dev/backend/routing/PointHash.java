package dev.backend.routing;

import java.util.Collection;
import java.util.Set;

/**
 * An algorithm that places each member at a number of points of a circle of 2^32
 * positions, where a key belongs to the first point strictly after its own position.
 * Positions are unsigned.
 */
abstract class PointHash implements ConsistentHash {

	/**
	 * Returns how many upper bits of a key's position count, 1 to 32. The others must be
	 * ones, so that a point among positions that no key can have owns none of them.
	 */
	abstract int keyBits();

	/**
	 * Returns the position of a key. On the path of every look-up: must not allocate.
	 */
	abstract int keyPosition(String key);

	/**
	 * Returns how many points a member of this weight has, at least 1.
	 */
	abstract int pointCount(double weight);

	/**
	 * Returns the positions of a member's first points, in any order.
	 */
	abstract int[] memberPositions(String id, int count);

	/**
	 * Returns one of a member's positions.
	 */
	int memberPosition(String id, int index) {
		return memberPositions(id, index + 1)[index];
	}

	@Override
	public <T> HashRing<T> ring(Collection<RingMember<T>> members) {
		return PointRing.<T>empty(this).update(members, Set.of());
	}

}
