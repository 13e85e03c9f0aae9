package dev.backend.routing;

import java.util.Objects;

/**
 * One member of a ring.
 *
 * @param <T> the type of what the ring leads to
 * @param id the id that is hashed; unique within the ring
 * @param weight the member's share relative to the others, where the algorithm knows
 * weights; 1 is normal, and each algorithm has its own least and greatest
 * @param value what the ring leads to
 */
public record RingMember<T>(String id, double weight, T value) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if the weight is negative or not a finite number
	 */
	public RingMember {
		Objects.requireNonNull(id, "id");
		Objects.requireNonNull(value, "value");
		if (!(weight >= 0) || Double.isInfinite(weight)) {
			throw new IllegalArgumentException("weight of %s: %s (expected: at least 0)".formatted(id, weight));
		}
	}

}
