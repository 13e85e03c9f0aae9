package dev.backend.fleet;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one after another, in the order in which they came, on the threads of
 * another executor.
 *
 * <p>
 * The count of tasks that are not finished is also who runs: the caller that moves it
 * from zero submits this object, which then runs until it has moved the count back to
 * zero. After {@value #BURST} tasks it submits itself again, so that one busy service
 * does not keep a thread from the others. If the executor refuses that, because it is
 * shutting down, it goes on where it is: what was accepted is run.
 */
public final class SerialExecutor implements Executor, Runnable {

	private static final Logger logger = LoggerFactory.getLogger(SerialExecutor.class);

	private static final int BURST = 256;

	private final Executor executor;

	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	private final AtomicInteger unfinished = new AtomicInteger();

	private final AtomicBoolean refused = new AtomicBoolean();

	private volatile boolean reported;

	/**
	 * Creates a serial executor.
	 * @param executor whose threads run the tasks
	 */
	public SerialExecutor(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Queues a task. What it throws is logged, and the next one runs. If the executor
	 * refuses, the task runs with the next one that it takes.
	 * @param task the task
	 */
	@Override
	public void execute(Runnable task) {
		this.tasks.add(task);
		if (this.unfinished.getAndIncrement() == 0 || (this.refused.get() && this.refused.compareAndSet(true, false))) {
			submit();
		}
	}

	/** Runs what is queued. Called by the executor only. */
	@Override
	public void run() {
		do {
			for (int i = 0; i < BURST; i++) {
				Runnable task = this.tasks.poll();
				if (task == null) {
					throw new IllegalStateException("no task for a count of " + this.unfinished.get());
				}
				runSafely(task);
				if (this.unfinished.decrementAndGet() == 0) {
					return;
				}
			}
		}
		while (!resubmit());
	}

	private void runSafely(Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) {
			logger.error("A callback failed", ex);
		}
	}

	private void submit() {
		try {
			this.executor.execute(this);
			this.reported = false;
		}
		catch (RejectedExecutionException ex) {
			if (!this.reported) {
				this.reported = true;
				logger.warn("Callbacks wait, because their executor is full or shut down: {}", ex.getMessage());
			}
			this.refused.set(true);
		}
	}

	/** Gives the thread back, or not: a refusal here leaves the run where it is. */
	private boolean resubmit() {
		try {
			this.executor.execute(this);
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
	}

}
