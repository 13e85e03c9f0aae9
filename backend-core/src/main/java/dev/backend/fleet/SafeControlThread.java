package dev.backend.fleet;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control thread that logs what a task throws, where an executor of scheduled tasks
 * would keep it to itself.
 */
final class SafeControlThread implements ControlThread {

	private static final Logger logger = LoggerFactory.getLogger(SafeControlThread.class);

	private final String label;

	private final ControlThread control;

	SafeControlThread(String label, ControlThread control) {
		this.label = label;
		this.control = control;
	}

	@Override
	public void execute(Runnable task) {
		this.control.execute(() -> runSafely(task));
	}

	@Override
	public void schedule(Runnable task, long nanos) {
		this.control.schedule(() -> runSafely(task), nanos);
	}

	@Override
	public long nanoTime() {
		return this.control.nanoTime();
	}

	private void runSafely(Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) {
			logger.error("{}: a change of the fleet failed", this.label, ex);
		}
	}

}
