package dev.backend;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * How a call chooses one instance of a group: the owner of a hash key, or any; among all
 * or among those with a routing tag. Immutable; may be kept and reused.
 *
 * <pre class="code">
 * Route.hash(userId)               // the owner of the key
 * Route.hash(userId).tag("eu")     // its owner among the instances tagged "eu"
 * Route.hash(userId).tries(2)      // the next owner too, if the first refuses the send
 * Route.any()                      // any usable instance
 * </pre>
 */
public final class Route {

	private static final Route ANY = new Route(null, null, 1);

	private final @Nullable String key;

	private final @Nullable String tag;

	private final int tries;

	private Route(@Nullable String key, @Nullable String tag, int tries) {
		this.key = key;
		this.tag = tag;
		this.tries = tries;
	}

	/**
	 * Routes to the owner of a key. The same key goes to the same instance for as long as
	 * that instance is usable.
	 * @param key a stable value such as a user's id; taken as it is
	 * @return the route
	 */
	public static Route hash(String key) {
		return new Route(Objects.requireNonNull(key, "key"), null, 1);
	}

	/**
	 * Routes to any usable instance; successive calls spread over the group.
	 * @return the route
	 */
	public static Route any() {
		return ANY;
	}

	/**
	 * Restricts this route to the instances that have a routing tag.
	 * @param tag the tag; trimmed and lower-cased
	 * @return the restricted route
	 */
	public Route tag(String tag) {
		return new Route(this.key, ServiceConfig.normalize(tag), this.tries);
	}

	/**
	 * Lets a call go on to the next owners on the ring when an instance refuses it at
	 * once, for example because it is not connected any more. What may have been written
	 * to a connection is never sent a second time.
	 * @param tries the number of instances to try, at least 1; by default 1
	 * @return the changed route
	 * @throws IllegalArgumentException if {@code tries} is less than 1
	 */
	public Route tries(int tries) {
		if (tries < 1) {
			throw new IllegalArgumentException("tries: %d (expected: at least 1)".formatted(tries));
		}
		return new Route(this.key, this.tag, tries);
	}

	/**
	 * Returns the hash key.
	 * @return the key, or {@code null} for {@link #any() any} instance
	 */
	public @Nullable String key() {
		return this.key;
	}

	/**
	 * Returns the routing tag, in normal form.
	 * @return the tag, or {@code null} if instances need none
	 */
	public @Nullable String tag() {
		return this.tag;
	}

	/**
	 * Returns how many instances a call tries at most.
	 * @return the number, at least 1
	 */
	public int tries() {
		return this.tries;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof Route route && Objects.equals(this.key, route.key)
				&& Objects.equals(this.tag, route.tag) && this.tries == route.tries;
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.key, this.tag, this.tries);
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder((this.key != null) ? "key '" + this.key + "'" : "any");
		if (this.tag != null) {
			text.append(" with tag '").append(this.tag).append("'");
		}
		return text.toString();
	}

}
