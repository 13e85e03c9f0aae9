package dev.backend.execution;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * The threads of some {@link HandlerShare}s, from the first one to the last. Each knows
 * for which of them it is at work.
 */
final class HandlerPool extends ThreadPoolExecutor {

	private static final int IDLE_SECONDS = 30;

	private final Set<Worker> workers = ConcurrentHashMap.newKeySet();

	HandlerPool(DaemonThreads threads, String name, int count) {
		super(count, count, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
		allowCoreThreadTimeOut(true);
		AtomicInteger number = new AtomicInteger();
		setThreadFactory((task) -> new Worker(threads, name + "-" + number.incrementAndGet(), task));
	}

	/**
	 * Takes note for whom the calling thread, which is one of these, is at work from now
	 * on.
	 * @param owner whose task it runs, or {@code null} for nobody's
	 */
	static void workFor(@Nullable HandlerShare owner) {
		((Worker) Thread.currentThread()).owner = owner;
	}

	/** Interrupts the threads that are at work for an owner, and returns how many. */
	int interruptWorkOf(HandlerShare owner) {
		int interrupted = 0;
		for (Worker worker : this.workers) {
			if (worker.owner == owner) {
				worker.interrupt();
				interrupted++;
			}
		}
		return interrupted;
	}

	private final class Worker extends DaemonThreads.OwnedThread {

		private volatile @Nullable HandlerShare owner;

		Worker(DaemonThreads threads, String name, Runnable task) {
			super(threads, name, task);
		}

		@Override
		public void run() {
			HandlerPool.this.workers.add(this);
			try {
				super.run();
			}
			finally {
				HandlerPool.this.workers.remove(this);
			}
		}

	}

}
