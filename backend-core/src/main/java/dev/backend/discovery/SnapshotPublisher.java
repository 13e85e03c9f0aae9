package dev.backend.discovery;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import dev.backend.discovery.ServiceDiscovery.DiscoveryListener;
import dev.backend.execution.DaemonThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands snapshots to the listeners of a {@link ServiceDiscovery}, for those who write
 * one. It calls on one thread of its own, which lives only while there is something to
 * hand over: a new listener gets the known snapshot also while the source waits for its
 * registry. A listener that is slow gets the latest snapshot next, not all of them. All
 * methods may be called by any thread.
 */
public final class SnapshotPublisher implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(SnapshotPublisher.class);

	private final List<Receiver> receivers = new CopyOnWriteArrayList<>();

	private final ExecutorService executor;

	private @Nullable DiscoverySnapshot latest;

	/**
	 * Creates a publisher without listeners.
	 * @param threadName the name of its thread, a daemon
	 */
	public SnapshotPublisher(String threadName) {
		ThreadPoolExecutor pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				new DaemonThreads().named(threadName), new ThreadPoolExecutor.DiscardPolicy());
		pool.allowCoreThreadTimeOut(true);
		this.executor = pool;
	}

	/**
	 * Adds a listener; it gets the latest snapshot, if there is one.
	 * @param listener the listener; what it throws is logged
	 * @return what ends it
	 */
	public synchronized Receiver add(DiscoveryListener listener) {
		Receiver receiver = new Receiver(listener);
		this.receivers.add(receiver);
		if (this.latest != null) {
			receiver.offer(this.latest);
		}
		return receiver;
	}

	/**
	 * Removes a listener. A call of it may be under way until it is
	 * {@linkplain Receiver#close() closed}.
	 * @param receiver what {@link #add} returned
	 * @return whether no listener is left
	 */
	public synchronized boolean remove(Receiver receiver) {
		this.receivers.remove(receiver);
		return this.receivers.isEmpty();
	}

	/**
	 * Hands a snapshot to all listeners.
	 * @param snapshot the snapshot
	 */
	public synchronized void publish(DiscoverySnapshot snapshot) {
		this.latest = snapshot;
		this.receivers.forEach((receiver) -> receiver.offer(snapshot));
	}

	/**
	 * Hands a snapshot to all listeners, unless there has been one.
	 * @param snapshot the snapshot
	 * @return whether it was the first
	 */
	public synchronized boolean publishFirst(DiscoverySnapshot snapshot) {
		boolean first = this.latest == null;
		if (first) {
			publish(snapshot);
		}
		return first;
	}

	/**
	 * Returns whether there has been a snapshot.
	 * @return whether a listener gets one at once
	 */
	public synchronized boolean hasPublished() {
		return this.latest != null;
	}

	/** Ends every hand-over; waits for a call that has begun. May be called twice. */
	@Override
	public void close() {
		this.executor.shutdown();
		this.receivers.forEach(Receiver::close);
	}

	/**
	 * A listener and the snapshot that waits for it. The lock is held during the call, so
	 * that none begins after {@link #close()} returned; the listener may close itself.
	 */
	public final class Receiver {

		private final ReentrantLock calling = new ReentrantLock();

		private final AtomicReference<@Nullable DiscoverySnapshot> waiting = new AtomicReference<>();

		private final DiscoveryListener listener;

		private boolean closed;

		private Receiver(DiscoveryListener listener) {
			this.listener = listener;
		}

		/**
		 * Ends the hand-over; waits for a call that has begun, unless it is made by the
		 * listener itself. May be called twice.
		 */
		public void close() {
			this.calling.lock();
			try {
				this.closed = true;
			}
			finally {
				this.calling.unlock();
			}
		}

		private void offer(DiscoverySnapshot snapshot) {
			if (this.waiting.getAndSet(snapshot) == null) {
				SnapshotPublisher.this.executor.execute(this::deliver);
			}
		}

		private void deliver() {
			this.calling.lock();
			try {
				DiscoverySnapshot snapshot = this.waiting.getAndSet(null);
				if (!this.closed && snapshot != null) {
					this.listener.onSnapshot(snapshot);
				}
			}
			catch (Throwable ex) {
				logger.error("{}: a listener failed", Thread.currentThread().getName(), ex);
			}
			finally {
				this.calling.unlock();
			}
		}

	}

}
