package dev.backend.execution;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A resource that several use at the same time: made when the first of them takes it, and
 * again when somebody takes it after the last one has given it up. The last one is told
 * that it is, and ends the resource; whoever takes it from then on gets a new one. So
 * nobody has one that was ended, and none stays that nobody has.
 *
 * <p>
 * The lock guards the count. The resource is made under it, so that two who come at once
 * get the same one, and ended outside, since that may take long. Safe for use by any
 * thread.
 *
 * @param <T> the type of the resource
 */
public final class SharedResource<T> {

	private final Supplier<T> factory;

	private final Object lock = new Object();

	/** What whoever comes next gets, too. Guarded by the lock. */
	private @Nullable Held<T> present;

	/**
	 * Creates what hands out a resource, and makes none.
	 * @param factory makes the resource; must not block
	 */
	public SharedResource(Supplier<T> factory) {
		this.factory = factory;
	}

	/**
	 * Takes the resource.
	 * @return a share in it; to be released
	 */
	public Share<T> acquire() {
		synchronized (this.lock) {
			Held<T> held = this.present;
			if (held == null) {
				held = new Held<>(this.factory.get());
				this.present = held;
			}
			held.shares++;
			return new Share<>(this, held);
		}
	}

	/**
	 * What one of those who use a resource has of it.
	 *
	 * @param <T> the type of the resource
	 */
	public static final class Share<T> {

		private final SharedResource<T> owner;

		private final Held<T> held;

		/** Guarded by the owner's lock. */
		private boolean released;

		private Share(SharedResource<T> owner, Held<T> held) {
			this.owner = owner;
			this.held = held;
		}

		/**
		 * Returns the resource.
		 * @return it, which is not ended before this share is released
		 */
		public T get() {
			return this.held.resource;
		}

		/**
		 * Gives up this share. A further call does nothing.
		 * @return whether it was the last one: the caller must end the resource
		 */
		public boolean release() {
			synchronized (this.owner.lock) {
				if (this.released) {
					return false;
				}
				this.released = true;
				this.held.shares--;
				if (this.held.shares > 0) {
					return false;
				}
				this.owner.present = null;
				return true;
			}
		}

	}

	private static final class Held<T> {

		private final T resource;

		/** Guarded by the lock. */
		private int shares;

		Held(T resource) {
			this.resource = resource;
		}

	}

}
