package dev.backend.routing;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.Route;
import org.jspecify.annotations.Nullable;

/**
 * The usable instances of one group and how keys lead to them: one ring of all, and one
 * per routing tag. Immutable: its owner keeps it in a volatile field and swaps it whole,
 * so look-ups see members and rings that belong together, and take no lock. Any thread
 * may look up.
 *
 * @param <T> the type of what look-ups return
 */
public final class RoutingTable<T> {

	private final ConsistentHash algorithm;

	private final Map<String, RoutedInstance<T>> members;

	private final List<T> values;

	private final HashRing<T> ring;

	private final Map<String, HashRing<T>> ringsByTag;

	private RoutingTable(ConsistentHash algorithm, Map<String, RoutedInstance<T>> members, List<T> values,
			HashRing<T> ring, Map<String, HashRing<T>> ringsByTag) {
		this.algorithm = algorithm;
		this.members = members;
		this.values = values;
		this.ring = ring;
		this.ringsByTag = ringsByTag;
	}

	/**
	 * Returns a table without members.
	 * @param <T> the type of what look-ups return
	 * @param algorithm the algorithm of this table's rings and of those that follow it
	 * @return the table
	 */
	public static <T> RoutingTable<T> empty(ConsistentHash algorithm) {
		return new RoutingTable<>(algorithm, Map.of(), List.of(), algorithm.ring(List.of()), Map.of());
	}

	/**
	 * Returns the table of other usable members. Only the rings that lose, gain or
	 * replace a member change, each in one pass however many members change, so changes
	 * that come together are best passed together. Members with the same value (the same
	 * object), weight and tags as before cost nothing.
	 * @param usable all usable members, each with an id of its own; absent ones leave
	 * @return the table, or this one if nothing changes
	 * @throws IllegalArgumentException if two members have the same id
	 */
	public RoutingTable<T> update(Collection<RoutedInstance<T>> usable) {
		Map<String, RoutedInstance<T>> updated = byId(usable);
		RoutingTableChange<T> changes = new RoutingTableChange<>();
		for (RoutedInstance<T> before : this.members.values()) {
			RoutedInstance<T> after = updated.get(before.id());
			if (after == null || !after.routesLike(before)) {
				changes.remove(before);
			}
		}
		for (RoutedInstance<T> after : updated.values()) {
			RoutedInstance<T> before = this.members.get(after.id());
			if (before == null || !after.routesLike(before)) {
				changes.put(after);
			}
		}
		return changes.isEmpty() ? this
				: new RoutingTable<>(this.algorithm, Collections.unmodifiableMap(updated),
						usable.stream().map(RoutedInstance::value).toList(), changes.applyTo(this.ring),
						changes.applyTo(this.ringsByTag, this.algorithm));
	}

	private static <T> Map<String, RoutedInstance<T>> byId(Collection<RoutedInstance<T>> members) {
		Map<String, RoutedInstance<T>> byId = new HashMap<>(members.size() * 4 / 3 + 1);
		for (RoutedInstance<T> member : members) {
			if (byId.put(member.id(), member) != null) {
				throw new IllegalArgumentException("members: id '%s' twice (expected: unique)".formatted(member.id()));
			}
		}
		return byId;
	}

	/**
	 * Returns the owner of a key.
	 * @param key the key, taken as it is
	 * @return the owner, or {@code null} if there are no members
	 */
	public @Nullable T find(String key) {
		return this.ring.owner(key);
	}

	/**
	 * Returns the owner of a key among the members with a tag.
	 * @param key the key, taken as it is
	 * @param tag the tag, in normal form
	 * @return the owner, or {@code null} if no member has the tag
	 */
	public @Nullable T find(String key, String tag) {
		HashRing<T> ring = this.ringsByTag.get(tag);
		return (ring != null) ? ring.owner(key) : null;
	}

	/**
	 * Returns the member that a route leads to.
	 * @param route the route
	 * @return the member, or {@code null} if there is none for the route
	 */
	public @Nullable T find(Route route) {
		HashRing<T> ring = ring(route);
		if (ring == null) {
			return null;
		}
		String key = route.key();
		return (key != null) ? ring.owner(key) : ring.any();
	}

	/**
	 * Returns the member that a route leads to, and those to try after it.
	 * @param route the route; how many {@link Route#tries() tries} it allows is not
	 * looked at
	 * @param count the number of members wanted, at least 0
	 * @return distinct members in the order to try them; fewer than {@code count} if
	 * there are fewer
	 * @throws IllegalArgumentException if {@code count} is negative
	 */
	public List<T> find(Route route, int count) {
		HashRing<T> ring = ring(route);
		if (ring == null) {
			return List.of();
		}
		String key = route.key();
		return (key != null) ? ring.owners(key, count) : ring.any(count);
	}

	private @Nullable HashRing<T> ring(Route route) {
		String tag = route.tag();
		return (tag != null) ? this.ringsByTag.get(tag) : this.ring;
	}

	/**
	 * Returns the member with an id.
	 * @param id the id, in normal form
	 * @return the member, or {@code null} if it is not usable
	 */
	public @Nullable T get(String id) {
		RoutedInstance<T> member = this.members.get(id);
		return (member != null) ? member.value() : null;
	}

	/**
	 * Returns all members.
	 * @return the members in the order in which they were passed; unmodifiable
	 */
	public Collection<T> members() {
		return this.values;
	}

	/**
	 * Returns the tags that at least one member has.
	 * @return the tags; unmodifiable
	 */
	public Set<String> tags() {
		return this.ringsByTag.keySet();
	}

	/**
	 * Returns the ring of all members.
	 * @return the ring, which may be empty
	 */
	public HashRing<T> ring() {
		return this.ring;
	}

	/**
	 * Returns the ring of the members with a tag.
	 * @param tag the tag, in normal form
	 * @return the ring, or {@code null} if no member has the tag
	 */
	public @Nullable HashRing<T> ring(String tag) {
		return this.ringsByTag.get(tag);
	}

}
