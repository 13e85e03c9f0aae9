package dev.backend.discovery;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import dev.backend.execution.DaemonThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the state of a source, and its time: for those who write a
 * {@link ServiceDiscovery}. It outlives whatever a task throws; what comes after its end
 * is dropped.
 *
 * <p>
 * A test hands over an executor and a time of its own, so that an hour is a matter of
 * milliseconds.
 */
public final class DiscoveryLoop {

	private static final Logger logger = LoggerFactory.getLogger(DiscoveryLoop.class);

	/** When a step that has failed is tried again, which had not said when. */
	private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

	private final String name;

	private final ScheduledExecutorService executor;

	private final LongSupplier nanoTime;

	private final CountDownLatch ended = new CountDownLatch(1);

	private volatile boolean closed;

	/**
	 * Creates a loop on a daemon thread, which starts with its first task.
	 * @param name the thread's name
	 */
	public DiscoveryLoop(String name) {
		this.name = name;
		this.executor = new Worker();
		this.nanoTime = System::nanoTime;
	}

	/**
	 * Creates a loop on an executor.
	 * @param name how logs name the loop
	 * @param executor runs one task after another
	 * @param nanoTime the present time, which goes with the executor's delays
	 */
	public DiscoveryLoop(String name, ScheduledExecutorService executor, LongSupplier nanoTime) {
		this.name = name;
		this.executor = executor;
		this.nanoTime = nanoTime;
	}

	/**
	 * Returns the present time.
	 * @return the time in nanoseconds, of which only differences mean something
	 */
	public long nanoTime() {
		return this.nanoTime.getAsLong();
	}

	/**
	 * Runs a task soon. What it throws is logged.
	 * @param task the task
	 */
	public void execute(Runnable task) {
		this.executor.execute(() -> runSafely(task));
	}

	/**
	 * Runs a task later. What it throws is logged.
	 * @param task the task
	 * @param delay when; at once if negative
	 * @return what cancels it
	 */
	public ScheduledFuture<?> schedule(Runnable task, Duration delay) {
		return this.executor.schedule(() -> runSafely(task), delay.toNanos(), TimeUnit.NANOSECONDS);
	}

	/**
	 * Runs a step again and again: when the delay that the last run returned is over, or
	 * when woken, for the first time at once. A step that throws is logged and run again
	 * after a second.
	 * @param step the step
	 * @return what wakes it
	 */
	public Repeated repeat(Step step) {
		Repeated repeated = new Repeated(step);
		repeated.wake();
		return repeated;
	}

	/**
	 * Returns the executor, for those who need one.
	 * @return what runs one task after another
	 */
	public ScheduledExecutorService executor() {
		return this.executor;
	}

	/**
	 * Returns whether this loop has been closed.
	 * @return whether a task had better give up
	 */
	public boolean closed() {
		return this.closed;
	}

	/**
	 * Ends the loop and interrupts what it is doing; does not wait for the end.
	 * @param last run last, on the loop's thread, without an interrupt
	 */
	public void close(Runnable last) {
		this.closed = true;
		if (this.executor instanceof Worker worker) {
			worker.close(() -> end(last));
		}
		else {
			this.executor.shutdownNow();
			end(last);
		}
	}

	private void end(Runnable last) {
		try {
			last.run();
		}
		catch (Throwable ex) {
			logger.warn("{} could not end in order", this.name, ex);
		}
		finally {
			this.ended.countDown();
		}
	}

	/**
	 * Waits until the loop has ended, after {@link #close}.
	 * @param timeout how long to wait at most
	 */
	public void join(Duration timeout) {
		try {
			this.ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void runSafely(Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) {
			if (!this.closed) {
				logger.error("A task of {} failed", this.name, ex);
			}
		}
	}

	/**
	 * What a loop does again and again.
	 */
	@FunctionalInterface
	public interface Step {

		/**
		 * Does the work once.
		 * @return the longest time until the next run
		 */
		Duration run();

	}

	/**
	 * A step that is run again and again.
	 */
	public final class Repeated {

		private final Step step;

		private final AtomicBoolean woken = new AtomicBoolean();

		/** Of the loop's thread. */
		private @Nullable ScheduledFuture<?> next;

		private Repeated(Step step) {
			this.step = step;
		}

		/**
		 * Has the step run soon. Any number of calls before a run begins cause one run,
		 * one during a run causes another run after it. Any thread; returns at once.
		 */
		public void wake() {
			if (this.woken.compareAndSet(false, true)) {
				execute(this::run);
			}
		}

		private void run() {
			this.woken.set(false);
			ScheduledFuture<?> waiting = this.next;
			if (waiting != null) {
				waiting.cancel(false);
			}
			Duration delay = AFTER_FAILURE;
			try {
				delay = this.step.run();
			}
			finally {
				this.next = schedule(this::run, delay);
			}
		}

	}

	/** The loop's own thread. */
	private final class Worker extends ScheduledThreadPoolExecutor {

		private final Object lock = new Object();

		/** The thread, while it runs a task. Guarded by the lock. */
		private @Nullable Thread running;

		Worker() {
			super(1, new DaemonThreads().named(DiscoveryLoop.this.name), new ThreadPoolExecutor.DiscardPolicy());
			setRemoveOnCancelPolicy(true);
			setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		}

		/** Reports what was handed to the executor itself. */
		@Override
		protected void afterExecute(Runnable task, @Nullable Throwable failure) {
			super.afterExecute(task, failure);
			synchronized (this.lock) {
				this.running = null;
				// What comes last may wait, which an interrupt would cut short.
				Thread.interrupted();
			}
			if (task instanceof Future<?> done && done.isDone() && !done.isCancelled()) {
				try {
					done.get();
				}
				catch (ExecutionException ex) {
					logger.error("A task of {} failed", DiscoveryLoop.this.name, ex.getCause());
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
		}

		@Override
		protected void beforeExecute(Thread thread, Runnable task) {
			super.beforeExecute(thread, task);
			synchronized (this.lock) {
				this.running = thread;
			}
		}

		private void close(Runnable last) {
			synchronized (this.lock) {
				if (isShutdown()) {
					return;
				}
				getQueue().clear();
				execute(last);
				shutdown();
				if (this.running != null) {
					this.running.interrupt();
				}
			}
		}

	}

}
