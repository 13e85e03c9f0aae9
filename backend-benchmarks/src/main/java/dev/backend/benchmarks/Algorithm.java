package dev.backend.benchmarks;

import java.util.List;
import java.util.stream.IntStream;

import dev.backend.routing.ConsistentHash;
import dev.backend.routing.HashRing;
import dev.backend.routing.RingMember;

/**
 * The algorithms to compare.
 */
public enum Algorithm {

	/** {@link ConsistentHash#gobase()}. */
	GOBASE(ConsistentHash.gobase()),

	/** {@link ConsistentHash#balanced()}. */
	BALANCED(ConsistentHash.balanced());

	private final ConsistentHash hash;

	Algorithm(ConsistentHash hash) {
		this.hash = hash;
	}

	HashRing<String> ring(List<RingMember<String>> members) {
		return this.hash.ring(members);
	}

	ConsistentHash hash() {
		return this.hash;
	}

	static List<RingMember<String>> members(int count) {
		return IntStream.range(0, count).mapToObj((i) -> new RingMember<>("game-" + i, 1, "game-" + i)).toList();
	}

}
