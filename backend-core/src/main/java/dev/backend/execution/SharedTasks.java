package dev.backend.execution;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

import dev.backend.execution.SerialExecutor.Task;
import org.jspecify.annotations.Nullable;

/**
 * The shared tasks of a {@link Dispatcher} that are not finished, and what is held back
 * until they are. Touched in its lane only. Empty, it keeps nothing.
 *
 * <p>
 * Of each key the youngest unfinished task is known; each knows its successor. A key goes
 * with its youngest task.
 */
final class SharedTasks {

	private @Nullable Map<Object, SharedTask> youngest;

	private @Nullable Deque<Task> held;

	private int unfinished;

	boolean isEmpty() {
		return this.unfinished == 0;
	}

	/**
	 * Adds a task; returns whether it may start, because no other of its key is there.
	 */
	boolean add(SharedTask task) {
		SharedTask predecessor = null;
		if (task.key() != null) {
			if (this.youngest == null) {
				this.youngest = new HashMap<>();
			}
			predecessor = this.youngest.put(task.key(), task);
		}
		this.unfinished++;
		// A finished one is only found if its key has changed meanwhile.
		if (predecessor == null || predecessor.finished()) {
			return true;
		}
		predecessor.successor(task);
		return false;
	}

	/** Removes a task that is finished; returns the one that may start now. */
	@Nullable SharedTask remove(SharedTask task) {
		task.finish();
		this.unfinished--;
		if (this.unfinished == 0) {
			// Also of keys that do not equal themselves any more.
			this.youngest = null;
		}
		else if (task.successor() == null && task.key() != null && this.youngest != null) {
			forget(task, task.key(), this.youngest);
		}
		return task.successor();
	}

	private static void forget(SharedTask task, Object key, Map<Object, SharedTask> youngest) {
		try {
			youngest.remove(key, task);
		}
		catch (Throwable ex) {
			task.keyFailed(ex);
		}
	}

	boolean holding() {
		return this.held != null;
	}

	void hold(Task task) {
		if (this.held == null) {
			this.held = new ArrayDeque<>();
		}
		this.held.addLast(task);
	}

	/** Takes the youngest of the held tasks. */
	@Nullable Task pollLastHeld() {
		Task task = (this.held != null) ? this.held.pollLast() : null;
		if (task == null) {
			this.held = null;
		}
		return task;
	}

	/** How many keys are known, for tests. */
	int keys() {
		return (this.youngest != null) ? this.youngest.size() : 0;
	}

}
