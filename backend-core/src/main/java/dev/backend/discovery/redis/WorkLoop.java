package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import dev.backend.execution.DaemonThreads;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task again and again on a daemon thread of its own: when the delay that the last
 * run returned is over, or when woken. Any number of wake-ups before a run begins cause
 * one run; one during a run causes another run after it, so none is lost.
 */
final class WorkLoop {

	private static final Logger logger = LoggerFactory.getLogger(WorkLoop.class);

	private final Semaphore wakeUps = new Semaphore(0);

	private final Task task;

	private final Runnable onExit;

	private final Thread thread;

	private volatile boolean stopped;

	/**
	 * Creates a loop; {@link #start()} starts it.
	 * @param name the thread's name
	 * @param task what to run
	 * @param onExit what to run last, on the loop's thread
	 */
	WorkLoop(String name, Task task, Runnable onExit) {
		this.task = task;
		this.onExit = onExit;
		this.thread = new DaemonThreads().unstarted(name, this::loop);
	}

	void start() {
		this.thread.start();
	}

	void wake() {
		this.wakeUps.release();
	}

	boolean isStopped() {
		return this.stopped;
	}

	/** Ends the loop and interrupts what it is doing; does not wait for the end. */
	void stop() {
		this.stopped = true;
		this.thread.interrupt();
	}

	void join(Duration timeout) {
		try {
			this.thread.join(timeout.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void loop() {
		try {
			while (!this.stopped) {
				this.wakeUps.drainPermits();
				Duration delay = runTask();
				this.wakeUps.tryAcquire(delay.toNanos(), TimeUnit.NANOSECONDS);
			}
		}
		catch (InterruptedException ex) {
			logger.debug("{} ends", this.thread.getName());
		}
		finally {
			// What follows may wait for the client to close, which an interrupt would cut
			// short.
			Thread.interrupted();
			this.onExit.run();
		}
	}

	/** Whatever goes wrong, the loop goes on: nobody would notice that it has ended. */
	private Duration runTask() {
		try {
			return this.task.run();
		}
		catch (Throwable ex) {
			logger.error("{} failed and goes on", this.thread.getName(), ex);
			return Duration.ofSeconds(1);
		}
	}

	/**
	 * What a loop does.
	 */
	@FunctionalInterface
	interface Task {

		/**
		 * Does the work once. Must catch its own failures.
		 * @return the longest time until the next run
		 */
		Duration run();

	}

}
