package dev.backend.discovery;

import java.time.Duration;

import dev.backend.discovery.SnapshotPublisher.Receiver;
import org.jspecify.annotations.Nullable;

/**
 * A source that watches its registry from its first subscription to its last, once for
 * all of them: for those who write a {@link ServiceDiscovery}. Thread-safe; no method but
 * {@link #close()} waits.
 *
 * @param <W> the type of the watch
 */
public abstract class WatchedDiscovery<W extends WatchedDiscovery.Watch> implements ServiceDiscovery {

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

	private final String source;

	private @Nullable W watch;

	private boolean closed;

	/**
	 * Creates a source, which does nothing until it is subscribed to.
	 * @param source what is watched, for people; without secrets
	 */
	protected WatchedDiscovery(String source) {
		this.source = source;
	}

	/**
	 * Starts a watch. Called for the first subscription, and for the first one after all
	 * had ended; must return at once.
	 * @return the watch
	 */
	protected abstract W startWatch();

	/**
	 * Returns the present watch.
	 * @return the watch, or {@code null} while there is no subscription
	 */
	protected final synchronized @Nullable W watch() {
		return this.watch;
	}

	/**
	 * {@inheritDoc}
	 * @throws IllegalStateException if this source is closed
	 */
	@Override
	public final synchronized Subscription subscribe(DiscoveryListener listener) {
		if (this.closed) {
			throw new IllegalStateException("discovery of " + this.source + " is closed");
		}
		W current = this.watch;
		if (current == null) {
			current = startWatch();
			this.watch = current;
		}
		W watched = current;
		Receiver receiver = watched.publisher().add(listener);
		return () -> {
			// Not under the lock: this may wait for a call of the listener.
			receiver.close();
			remove(watched, receiver);
		};
	}

	@Override
	public final DiscoveryStatus status() {
		W current = watch();
		return (current != null) ? current.health().status() : DiscoveryStatus.starting(this.source);
	}

	@Override
	public final DiscoveryReads reads() {
		W current = watch();
		return (current != null) ? current.health().reads() : DiscoveryReads.NONE;
	}

	/**
	 * Ends all subscriptions and waits, at most two seconds, until the watch has ended.
	 * May be called twice.
	 */
	@Override
	public final void close() {
		W ending;
		synchronized (this) {
			this.closed = true;
			ending = this.watch;
			this.watch = null;
		}
		if (ending != null) {
			ending.stop();
			ending.join(CLOSE_TIMEOUT);
		}
	}

	private synchronized void remove(W watched, Receiver receiver) {
		boolean last = watched.publisher().remove(receiver);
		if (last && this.watch == watched) {
			this.watch = null;
			watched.stop();
		}
	}

	/**
	 * Keeps a view of a registry, until it is stopped. Thread-safe.
	 */
	public interface Watch {

		/**
		 * Returns what hands the snapshots of this watch over.
		 * @return the publisher; closed when the watch is stopped
		 */
		SnapshotPublisher publisher();

		/**
		 * Returns how this watch is doing.
		 * @return the health
		 */
		DiscoveryHealth health();

		/** Ends this watch; does not wait for it. */
		void stop();

		/**
		 * Waits until this watch has ended, after {@link #stop()}.
		 * @param timeout how long to wait at most
		 */
		default void join(Duration timeout) {
		}

	}

}
