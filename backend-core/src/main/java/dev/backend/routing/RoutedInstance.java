package dev.backend.routing;

import java.util.Set;

import dev.backend.ServiceConfig;

/**
 * One usable instance, as a {@link RoutingTable} takes it.
 *
 * @param <T> the type of what look-ups return
 * @param id the id of the instance, unique within the table
 * @param weight the share of the rings relative to the others, where the algorithm knows
 * weights; 1 is normal
 * @param tags the routing tags, in normal form, at most as many as a
 * {@link ServiceConfig} may have; empty if none
 * @param value what look-ups return
 */
public record RoutedInstance<T>(String id, double weight, Set<String> tags, T value) {

	/** Greater ones are taken as this. */
	private static final double GREATEST_WEIGHT = 10;

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if the weight is negative or not a finite number,
	 * or if there are too many tags
	 */
	public RoutedInstance {
		new RingMember<>(id, weight, value);
		int maximum = (int) Math.min(ServiceConfig.MAXIMUM_TAGS,
				ServiceConfig.MAXIMUM_SHARE / Math.min(weight, GREATEST_WEIGHT) - 1);
		if (tags.size() > maximum) {
			throw new IllegalArgumentException("tags of %s: %d, with weight %s (expected: at most %d)".formatted(id,
					tags.size(), weight, maximum));
		}
		tags = Set.copyOf(tags);
	}

	/**
	 * Returns the member for a discovered instance, with its
	 * {@linkplain ServiceConfig#weight() weight} and tags.
	 * @param <T> the type of what look-ups return
	 * @param service the instance
	 * @param value what look-ups return
	 * @return the member
	 */
	public static <T> RoutedInstance<T> of(ServiceConfig service, T value) {
		return new RoutedInstance<>(service.id(), service.weight(), service.tags(), value);
	}

	/**
	 * Returns this member without its tags, as a ring takes it.
	 */
	RingMember<T> ringMember() {
		return new RingMember<>(this.id, this.weight, this.value);
	}

	/**
	 * Returns whether the rings need not change when the other member takes the place of
	 * this one. Values are compared by identity: a look-up must return the newest.
	 */
	boolean routesLike(RoutedInstance<T> other) {
		return this == other
				|| (this.value == other.value && this.weight == other.weight && this.tags.equals(other.tags));
	}

}
