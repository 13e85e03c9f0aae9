package dev.backend.discovery;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a registry, as a source hands it to its {@link InstanceTable}: an
 * instance, or why there is none. Immutable.
 */
public final class InstanceEntry {

	private final Object key;

	private final @Nullable DiscoveredInstance instance;

	private final @Nullable LeftOut leftOut;

	private final String problem;

	private final long order;

	private InstanceEntry(Object key, @Nullable DiscoveredInstance instance, @Nullable LeftOut leftOut, String problem,
			long order) {
		this.key = Objects.requireNonNull(key, "key");
		this.instance = instance;
		this.leftOut = leftOut;
		this.problem = problem;
		this.order = order;
	}

	/**
	 * Creates an entry that is used if the rules allow it.
	 * @param key what makes it the same entry as before; unique within its part of the
	 * registry
	 * @param instance what the registry says of it
	 * @return the entry
	 */
	public static InstanceEntry of(Object key, DiscoveredInstance instance) {
		return new InstanceEntry(key, Objects.requireNonNull(instance, "instance"), null, "", 0);
	}

	/**
	 * Creates an entry that is left out.
	 * @param key what makes it the same entry as before; unique within its part of the
	 * registry
	 * @param reason why
	 * @param problem what to tell people, with which entry it is; escaped, without
	 * secrets. Told only if the reason is not normal
	 * @return the entry
	 */
	public static InstanceEntry leftOut(Object key, LeftOut reason, String problem) {
		return new InstanceEntry(key, null, Objects.requireNonNull(reason, "reason"), problem, 0);
	}

	/**
	 * Returns this entry with the place that the registry gives it among all, in the
	 * order in which they came; else the table gives it one.
	 * @param order a number that grows, above zero
	 * @return the changed copy
	 */
	public InstanceEntry withOrder(long order) {
		return new InstanceEntry(this.key, this.instance, this.leftOut, this.problem, order);
	}

	/**
	 * Returns what makes this the same entry as before.
	 * @return the key
	 */
	public Object key() {
		return this.key;
	}

	/**
	 * Returns what the registry says of it.
	 * @return the instance, or {@code null} if it is left out
	 */
	public @Nullable DiscoveredInstance instance() {
		return this.instance;
	}

	@Nullable LeftOut leftOut() {
		return this.leftOut;
	}

	String problem() {
		return this.problem;
	}

	long order() {
		return this.order;
	}

	/** Whether the same is to be made of this entry as of another one. */
	boolean says(InstanceEntry other) {
		return this == other || (this.order == other.order && this.leftOut == other.leftOut
				&& this.problem.equals(other.problem) && Objects.equals(this.instance, other.instance));
	}

}
