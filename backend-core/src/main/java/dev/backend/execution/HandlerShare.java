package dev.backend.execution;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.backend.execution.SharedResource.Share;

/**
 * One owner's part in {@link HandlerThreads}: runs the tasks of this owner, ends with
 * them, and touches no others'. Safe for use by any thread.
 *
 * <p>
 * <b>How it ends.</b> The pool cannot tell one owner's tasks from another's, so this
 * counts its own. A task is counted as taken before it is looked whether this is shut
 * down, and as done before that is looked at again; whoever shuts it down says so before
 * it looks at the counts. So either of the two sees the other: no task is accepted behind
 * the end, and the end is not missed. Who compares the counts reads first how many are
 * done: if as many were taken by the time after, none was under way in between.
 *
 * <p>
 * <b>Interrupts.</b> A thread says whose task it runs before it looks whether that owner
 * drops its tasks, and unsays it before it looks at that again; whoever interrupts says
 * that tasks are dropped before it looks whom the threads work for. A thread that may
 * have been seen in between waits for the end of the interrupting, and clears what it got
 * of it. So an interrupt reaches a task of this owner or nobody: what the thread runs
 * next, for whomever, begins without it.
 */
public final class HandlerShare implements Executor {

	private final Share<HandlerPool> pool;

	private final LongAdder taken = new LongAdder();

	private final LongAdder done = new LongAdder();

	private final CountDownLatch ended = new CountDownLatch(1);

	private final Object interrupting = new Object();

	private volatile boolean shutdown;

	private volatile boolean dropping;

	HandlerShare(Share<HandlerPool> pool) {
		this.pool = pool;
	}

	/**
	 * Runs a task on one of the threads.
	 * @param task the task
	 * @throws RejectedExecutionException after {@link #shutdown()}
	 */
	@Override
	public void execute(Runnable task) {
		this.taken.increment();
		if (this.shutdown) {
			taskDone();
			throw new RejectedExecutionException("shut down");
		}
		try {
			this.pool.get().execute(new OwnTask(this, task));
		}
		catch (Throwable ex) {
			taskDone();
			throw ex;
		}
	}

	private void taskDone() {
		this.done.increment();
		if (this.shutdown) {
			endIfDone();
		}
	}

	private void endIfDone() {
		long done = this.done.sum();
		if (done == this.taken.sum()) {
			this.ended.countDown();
		}
	}

	private void run(Runnable task) {
		HandlerPool.workFor(this);
		try {
			if (!this.dropping) {
				task.run();
			}
		}
		finally {
			HandlerPool.workFor(null);
			if (this.dropping) {
				awaitInterrupts();
			}
			taskDone();
		}
	}

	private void awaitInterrupts() {
		synchronized (this.interrupting) {
			Thread.interrupted();
		}
	}

	/** Takes no further task. Those that were taken run. */
	public void shutdown() {
		this.shutdown = true;
		endIfDone();
	}

	/**
	 * Waits until all tasks have run or were dropped, after {@link #shutdown()}.
	 * @param nanos how long at most, in nanoseconds
	 * @return whether they have
	 * @throws InterruptedException if the caller is interrupted meanwhile
	 */
	public boolean awaitEnd(long nanos) throws InterruptedException {
		return this.ended.await(nanos, TimeUnit.NANOSECONDS);
	}

	/**
	 * Drops the tasks that have not begun, each when a thread comes by, and interrupts
	 * the others.
	 * @return how many were interrupted
	 */
	public int shutdownNow() {
		shutdown();
		this.dropping = true;
		synchronized (this.interrupting) {
			return this.pool.get().interruptWorkOf(this);
		}
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

	private record OwnTask(HandlerShare owner, Runnable task) implements Runnable {

		@Override
		public void run() {
			this.owner.run(this.task);
		}

	}

}
