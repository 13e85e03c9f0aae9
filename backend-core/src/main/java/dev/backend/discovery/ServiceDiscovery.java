package dev.backend.discovery;

import java.time.Duration;

/**
 * A source of instances: watches a registry and pushes complete snapshots of it. One
 * source may serve several backends; it watches while it has at least one subscription.
 *
 * <p>
 * Implementations never block the caller, recover from every error of the registry by
 * themselves with a back-off, and report an error as such: <em>an error or a partial
 * answer is never a snapshot</em>.
 */
public interface ServiceDiscovery extends AutoCloseable {

	/**
	 * Starts to push to a listener. If a snapshot is known already, it is pushed at once.
	 * @param listener the receiver; its calls come one after another
	 * @return the subscription, which ends by {@link Subscription#close()}
	 */
	Subscription subscribe(DiscoveryListener listener);

	/**
	 * Returns how long after a read that misses most of a group another read must confirm
	 * that, before those instances count as gone: the time in which an instance that
	 * lives is seen again.
	 * @return by default 8 s; zero if what this source says needs no confirmation
	 */
	default Duration confirmationDelay() {
		return Duration.ofSeconds(8);
	}

	/**
	 * Returns how this source is doing, for health and for people. Never blocks.
	 * @return the status
	 */
	DiscoveryStatus status();

	/**
	 * Returns how often the registry was read, for metrics. Never blocks.
	 * @return by default none
	 */
	default DiscoveryReads reads() {
		return DiscoveryReads.NONE;
	}

	/**
	 * Ends all subscriptions and lets go of what this source holds. Called by whoever
	 * owns it, such as the Spring context, not by backends. Does nothing by default. May
	 * be called twice.
	 */
	@Override
	default void close() {
	}

	/**
	 * Receives what a source finds out. Calls come from the source's own thread, one
	 * after another; they must not block.
	 */
	interface DiscoveryListener {

		/**
		 * Called with the complete present content of the registry, after each successful
		 * read: also after one that found no change, since that may confirm a loss.
		 * @param snapshot the content
		 */
		void onSnapshot(DiscoverySnapshot snapshot);

	}

	/**
	 * An active subscription.
	 */
	interface Subscription extends AutoCloseable {

		/**
		 * Ends the subscription. No call to the listener begins after this returned. Of
		 * the last one, the source stops to watch. May be called twice.
		 */
		@Override
		void close();

	}

}
