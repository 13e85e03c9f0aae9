package dev.backend.fleet;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The control thread of a run, in real time.
 *
 * @param executor has one thread
 */
record ScheduledControlThread(ScheduledExecutorService executor) implements ControlThread {

	@Override
	public void execute(Runnable task) {
		this.executor.execute(task);
	}

	@Override
	public void schedule(Runnable task, long nanos) {
		this.executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
	}

	@Override
	public long nanoTime() {
		return System.nanoTime();
	}

}
