package dev.backend.fleet;

import java.util.concurrent.Executor;

/**
 * The thread on which all changes of a fleet run, one task after another.
 */
interface ControlThread extends Executor {

	/**
	 * Runs a task later.
	 * @param task the task
	 * @param nanos how much later
	 */
	void schedule(Runnable task, long nanos);

	/**
	 * Returns the time that passes between two tasks.
	 * @return as {@link System#nanoTime()}
	 */
	long nanoTime();

}
