package dev.backend.routing;

import java.util.Collection;

/**
 * An algorithm of consistent hashing: which member owns a key, so that members that come
 * and go move few keys. Implementations are stateless and thread-safe; two processes that
 * see the same members must come to the same owners, whatever the order in which the
 * members came.
 */
public interface ConsistentHash {

	/**
	 * Builds a ring from scratch. Rings change incrementally afterwards.
	 * @param <T> the type of what the ring leads to
	 * @param members the members, each with an id of its own; may be empty
	 * @return the ring
	 * @throws IllegalArgumentException if two members have the same id
	 */
	<T> HashRing<T> ring(Collection<RingMember<T>> members);

	/**
	 * Returns the ring of gobase, for fleets in which Go and Java route the same keys: 20
	 * points per member, each the CRC-32 of {@code decimal(i) + id}; a key's position is
	 * the CRC-32 of its UTF-8 bytes; the first point strictly greater owns it, and of
	 * equal points the one with the lowest id. Weights are ignored. The shares are
	 * uneven: among 100 members the largest has about 2.75 times the mean.
	 * @return the algorithm
	 */
	static ConsistentHash gobase() {
		return GobaseHash.INSTANCE;
	}

	/**
	 * Returns the default algorithm: a ring with 1,000 points per member of weight 1. The
	 * largest share is typically 8 % above the mean among 100 members (14 % in the worst
	 * of 400 random fleets) and 13 % among 1,000. A member's points are in proportion to
	 * its weight, from 10 at 0.01 to 10,000 at 10; weights beyond are taken as the
	 * nearest of these. A change of weight moves keys from or to that member only.
	 * <p>
	 * The circle has 2^32 positions. A member's points are the upper halves of the
	 * numbers that SplitMix64 yields when seeded with the XXH64 of the id. A key's
	 * position is the upper 19 bits of its XXH64, followed by ones; the first point after
	 * it owns it, and of equal points the one with the lowest id. XXH64 is that of the
	 * UTF-16 code units, little endian, with seed 0. Positions stay the same in all
	 * versions of this library.
	 * <p>
	 * A ring takes 5 to 7 bytes per point, some 6 kB per member of weight 1; one of more
	 * than 262 such members takes 4 kB per member and 1 MB.
	 * @return the algorithm
	 */
	static ConsistentHash balanced() {
		return BalancedHash.INSTANCE;
	}

}
