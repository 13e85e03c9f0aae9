package dev.backend.execution;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.backend.execution.SharedResource.Share;
import org.jspecify.annotations.Nullable;

/**
 * One owner's part in {@link HandlerThreads}: runs the tasks of this owner, ends with
 * them, and touches no others'. Safe for use by any thread.
 *
 * <p>
 * <b>How it ends.</b> The pool cannot tell one owner's tasks from another's, so this
 * knows those of its own that are not done. A task is known before it is looked whether
 * this is shut down, and forgotten before that is looked at again; whoever shuts it down
 * says so before it looks at what is known. So either of the two sees the other: no task
 * is accepted behind the end, and the end is not missed.
 *
 * <p>
 * <b>Interrupts.</b> A task is interrupted under its own lock, which its thread takes
 * when it begins and when it ends. So an interrupt reaches the task that it is meant for
 * or nobody: what the thread runs next, for whomever, begins without it.
 */
public final class HandlerShare implements Executor {

	private final Share<ThreadPoolExecutor> pool;

	private final Set<OwnTask> unfinished = ConcurrentHashMap.newKeySet();

	private final CountDownLatch ended = new CountDownLatch(1);

	private volatile boolean shutdown;

	HandlerShare(Share<ThreadPoolExecutor> pool) {
		this.pool = pool;
	}

	/**
	 * Runs a task on one of the threads.
	 * @param task the task
	 * @throws RejectedExecutionException after {@link #shutdown()}
	 */
	@Override
	public void execute(Runnable task) {
		OwnTask own = new OwnTask(task);
		this.unfinished.add(own);
		if (this.shutdown) {
			forget(own);
			throw new RejectedExecutionException("shut down");
		}
		try {
			this.pool.get().execute(own);
		}
		catch (Throwable ex) {
			forget(own);
			throw ex;
		}
	}

	private void forget(OwnTask task) {
		this.unfinished.remove(task);
		endIfDone();
	}

	private void endIfDone() {
		if (this.shutdown && this.unfinished.isEmpty()) {
			this.ended.countDown();
		}
	}

	/** Takes no further task. Those that were taken run. */
	public void shutdown() {
		this.shutdown = true;
		endIfDone();
	}

	/**
	 * Waits until all tasks have run, after {@link #shutdown()}.
	 * @param nanos how long at most, in nanoseconds
	 * @return whether they have
	 * @throws InterruptedException if the caller is interrupted meanwhile
	 */
	public boolean awaitEnd(long nanos) throws InterruptedException {
		return this.ended.await(nanos, TimeUnit.NANOSECONDS);
	}

	/**
	 * Drops the tasks that have not begun, and interrupts the others.
	 * @return how many were interrupted
	 */
	public int shutdownNow() {
		shutdown();
		int interrupted = 0;
		for (OwnTask task : List.copyOf(this.unfinished)) {
			if (task.cancel()) {
				interrupted++;
			}
		}
		return interrupted;
	}

	/**
	 * Gives up the threads, after {@link #shutdown()}. The last one to do so ends those
	 * of them that are idle, and the others when they come to be. A further call does
	 * nothing.
	 * @return whether this was the last one
	 */
	public boolean release() {
		boolean last = this.pool.release();
		if (last) {
			this.pool.get().shutdown();
		}
		return last;
	}

	/**
	 * Waits until the threads have ended, if {@link #release()} has ended them.
	 * @param nanos how long at most, in nanoseconds
	 * @throws InterruptedException if the caller is interrupted meanwhile
	 */
	public void awaitThreads(long nanos) throws InterruptedException {
		this.pool.get().awaitTermination(nanos, TimeUnit.NANOSECONDS);
	}

	private final class OwnTask implements Runnable {

		private final Runnable task;

		/** While the task runs. Guarded by this. */
		private @Nullable Thread thread;

		/** Guarded by this. */
		private boolean dropped;

		OwnTask(Runnable task) {
			this.task = task;
		}

		@Override
		public void run() {
			if (!begin()) {
				return;
			}
			try {
				this.task.run();
			}
			finally {
				end();
				forget(this);
			}
		}

		private synchronized boolean begin() {
			if (!this.dropped) {
				this.thread = Thread.currentThread();
			}
			return !this.dropped;
		}

		private synchronized void end() {
			this.thread = null;
			// Whoever asked for it, it was this task's.
			Thread.interrupted();
		}

		/** Returns whether it was interrupted, and not dropped. */
		synchronized boolean cancel() {
			if (this.thread != null) {
				this.thread.interrupt();
				return true;
			}
			this.dropped = true;
			forget(this);
			return false;
		}

	}

}
