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
 * @param tags the routing tags, in normal form, at most
 * {@value ServiceConfig#MAXIMUM_TAGS}; empty if none
 * @param value what look-ups return
 */
public record RoutedInstance<T>(String id, double weight, Set<String> tags, T value) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if the weight is negative or not a finite number,
	 * or if there are more than {@value ServiceConfig#MAXIMUM_TAGS} tags
	 */
	public RoutedInstance {
		new RingMember<>(id, weight, value);
		if (tags.size() > ServiceConfig.MAXIMUM_TAGS) {
			throw new IllegalArgumentException(
					"tags of %s: %d (expected: at most %d)".formatted(id, tags.size(), ServiceConfig.MAXIMUM_TAGS));
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
		return this.value == other.value && this.weight == other.weight && this.tags.equals(other.tags);
	}

}
