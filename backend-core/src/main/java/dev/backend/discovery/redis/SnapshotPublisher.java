package dev.backend.discovery.redis;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.ServiceDiscovery.DiscoveryListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands snapshots to the listeners on one thread of its own, which lives only while there
 * is something to hand over: a new listener gets the known snapshot also while the watch
 * waits for Redis. A listener that is slow gets the latest snapshot next, not all of
 * them.
 */
final class SnapshotPublisher {

	private static final Logger logger = LoggerFactory.getLogger(SnapshotPublisher.class);

	private final List<Receiver> receivers = new CopyOnWriteArrayList<>();

	private final ExecutorService executor;

	private @Nullable DiscoverySnapshot latest;

	SnapshotPublisher(String threadName) {
		ThreadPoolExecutor pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(task) -> daemon(task, threadName), new ThreadPoolExecutor.DiscardPolicy());
		pool.allowCoreThreadTimeOut(true);
		this.executor = pool;
	}

	synchronized Receiver add(DiscoveryListener listener) {
		Receiver receiver = new Receiver(listener);
		this.receivers.add(receiver);
		if (this.latest != null) {
			receiver.offer(this.latest);
		}
		return receiver;
	}

	/** Removes a receiver; returns whether none is left. */
	synchronized boolean remove(Receiver receiver) {
		this.receivers.remove(receiver);
		return this.receivers.isEmpty();
	}

	synchronized void publish(DiscoverySnapshot snapshot) {
		this.latest = snapshot;
		this.receivers.forEach((receiver) -> receiver.offer(snapshot));
	}

	synchronized boolean hasPublished() {
		return this.latest != null;
	}

	/** Ends every hand-over; waits for a call that has begun. */
	void close() {
		this.executor.shutdown();
		this.receivers.forEach(Receiver::close);
	}

	private static Thread daemon(Runnable task, String name) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		return thread;
	}

	/**
	 * A listener and the snapshot that waits for it. The lock is held during the call, so
	 * that none begins after {@link #close()} returned; the listener may close itself.
	 */
	final class Receiver {

		private final ReentrantLock calling = new ReentrantLock();

		private final AtomicReference<@Nullable DiscoverySnapshot> waiting = new AtomicReference<>();

		private final DiscoveryListener listener;

		private boolean closed;

		private Receiver(DiscoveryListener listener) {
			this.listener = listener;
		}

		void close() {
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
			catch (RuntimeException ex) {
				logger.error("{}: a listener failed", Thread.currentThread().getName(), ex);
			}
			finally {
				this.calling.unlock();
			}
		}

	}

}
