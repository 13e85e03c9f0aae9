package dev.backend.execution;

import java.util.concurrent.Executor;

import dev.backend.execution.SerialExecutor.Task;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;

/**
 * Runs the callbacks of one service: each in the order of its arrival, some alone, some
 * beside others.
 *
 * <p>
 * <b>The lane.</b> Every callback passes the {@link SerialExecutor lane} that this class
 * is, in the order of its arrival. There it is admitted, as by a fair read-write lock:
 * <ul>
 * <li>an <em>exclusive</em> one (added, connected, disconnected, removed, and where
 * messages are ordered every other) runs in the lane itself, when no shared one is
 * unfinished;
 * <li>a <em>shared</em> one ({@link SharedTask}: where messages are not ordered, these, a
 * tick, and that the service is ready) is handed to the executor, or queued behind the
 * last unfinished one with its key, and the lane goes on;
 * <li>from the first exclusive one that must wait, all that arrives is held, and put back
 * in front of the lane, in order, when the last shared one has finished.
 * </ul>
 * So connected is done before the first message, disconnected comes after the last, and
 * the mode may change between any two messages: an ordered one waits for all before it,
 * and all after it wait for it.
 *
 * <p>
 * <b>Hand-over.</b> A shared task belongs to the lane until the executor has it, then to
 * the thread that runs it, which hands it back by queuing it in the lane once more. All
 * that is known of shared tasks ({@link SharedTasks}) is touched in the lane only: there
 * is no lock, and no state that two threads share but the lane's queue.
 *
 * <p>
 * <b>Fairness.</b> A shared task takes its turn at the executor, and a key's next message
 * takes a new one. The lane does so after each burst, behind what it has handed over. So
 * with an executor that is first in, first out, no more tasks of a service stand before
 * those of another than in one burst of ordered messages.
 *
 * <p>
 * <b>Refusal.</b> A shared task that the executor refuses runs in the lane. A task that
 * comes back while the executor refuses brings its own thread for the lane.
 */
public final class Dispatcher extends SerialExecutor {

	/** Made for the first shared task; the lane's. */
	private @Nullable SharedTasks shared;

	/**
	 * Creates a dispatcher.
	 * @param owner whose callbacks these are, as logs name it
	 * @param log bounds what is logged of it
	 * @param executor whose threads run the callbacks
	 */
	public Dispatcher(Object owner, ServiceLog log, Executor executor) {
		super(owner, log, executor);
	}

	/**
	 * Queues a callback that runs beside others, as a {@link SharedTask} without a key
	 * does. Called by any thread.
	 * @param callback the callback
	 */
	public void executeShared(Runnable callback) {
		execute(new SharedCallback(this, callback));
	}

	@Override
	protected void perform(Task task) {
		SharedTasks shared = this.shared;
		if (task instanceof SharedTask sharedTask && !sharedTask.exclusive()) {
			if (shared == null) {
				shared = new SharedTasks();
				this.shared = shared;
			}
			perform(sharedTask, shared);
		}
		else if (shared == null || shared.isEmpty()) {
			task.run();
		}
		else {
			shared.hold(task);
		}
	}

	private void perform(SharedTask task, SharedTasks shared) {
		if (task.returned()) {
			finish(task, shared);
		}
		else if (shared.holding()) {
			shared.hold(task);
		}
		else {
			admit(task, shared);
		}
	}

	private void admit(SharedTask task, SharedTasks shared) {
		boolean first;
		try {
			first = shared.add(task);
		}
		catch (Throwable ex) {
			// From the key's hashCode() or equals().
			task.makeExclusive(ex);
			perform(task);
			return;
		}
		if (first) {
			start(task);
		}
	}

	private void finish(SharedTask task, SharedTasks shared) {
		SharedTask successor = shared.remove(task);
		if (successor != null) {
			start(successor);
		}
		else if (shared.isEmpty()) {
			for (Task held = shared.pollLastHeld(); held != null; held = shared.pollLastHeld()) {
				prepend(held);
			}
		}
	}

	private void start(SharedTask task) {
		if (!offer(task)) {
			task.run();
		}
	}

	/** Takes a task back. Called by the thread that ran it. */
	void giveBack(SharedTask task) {
		execute(task);
		runRefused();
	}

}
