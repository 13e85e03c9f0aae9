package dev.backend.routing;

import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.logging.PlainText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One usable instance, as a {@link RoutingTable} takes it.
 *
 * @param <T> the type of what look-ups return
 * @param id the id of the instance, unique within the table
 * @param weight the share of the rings relative to the others, where the algorithm knows
 * weights; 1 is normal
 * @param tags the routing tags, in normal form; empty if none
 * @param value what look-ups return
 */
public record RoutedInstance<T>(String id, double weight, Set<String> tags, T value) {

	private static final Logger logger = LoggerFactory.getLogger(RoutedInstance.class);

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if the weight is negative or not a finite number
	 */
	public RoutedInstance {
		new RingMember<>(id, weight, value);
		tags = Set.copyOf(tags);
	}

	/**
	 * Returns the member for a discovered instance, with the weight that its metadata
	 * have under {@value ServiceConfig#METADATA_WEIGHT}. Without one the weight is 1; one
	 * that is no number of at least 0 is logged and taken as 1, because a mistake in one
	 * registry entry must not harm the others.
	 * @param <T> the type of what look-ups return
	 * @param service the instance
	 * @param value what look-ups return
	 * @return the member
	 */
	public static <T> RoutedInstance<T> of(ServiceConfig service, T value) {
		return new RoutedInstance<>(service.id(), weight(service), service.tags(), value);
	}

	private static double weight(ServiceConfig service) {
		String text = service.metadata().getOrDefault(ServiceConfig.METADATA_WEIGHT, "1");
		try {
			double weight = Double.parseDouble(text);
			if (weight >= 0 && Double.isFinite(weight)) {
				return weight;
			}
		}
		catch (NumberFormatException ex) {
			// Said below, as for any other value that is no weight.
		}
		logger.warn("{}: weight '{}' (expected: a number, at least 0) is taken as 1", service.label(),
				PlainText.of(text));
		return 1;
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
