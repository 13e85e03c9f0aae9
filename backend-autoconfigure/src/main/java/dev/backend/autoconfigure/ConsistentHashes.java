package dev.backend.autoconfigure;

import java.util.Locale;

import dev.backend.routing.ConsistentHash;

/**
 * The algorithms of the rings by their names in properties.
 */
public final class ConsistentHashes {

	/** The algorithm with even shares. */
	public static final String BALANCED = "balanced";

	/** The algorithm of the Go package gobase. */
	public static final String GOBASE = "gobase";

	private ConsistentHashes() {
	}

	/**
	 * Returns the algorithm that a property names.
	 * @param property the property
	 * @param name its value
	 * @return the algorithm
	 */
	public static ConsistentHash of(String property, String name) {
		return switch (name.toLowerCase(Locale.ROOT)) {
			case BALANCED -> ConsistentHash.balanced();
			case GOBASE -> ConsistentHash.gobase();
			default -> throw Checks.refusal(property, name,
					"balanced or gobase; for another algorithm declare a ConsistentHash bean");
		};
	}

}
