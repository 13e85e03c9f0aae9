package dev.backend.tcp;

import dev.backend.fleet.SerialExecutor;
import org.jspecify.annotations.Nullable;

/**
 * A callback that may run beside others of its service; see {@link Dispatcher}.
 */
abstract class SharedTask extends SerialExecutor.Task {

	private final Dispatcher dispatcher;

	private final @Nullable Object key;

	private @Nullable SharedTask successor;

	private boolean exclusive;

	private boolean returned;

	private boolean finished;

	/**
	 * Creates a task.
	 * @param dispatcher where it will be queued
	 * @param key tasks with equal keys run one after another; {@code null} for beside all
	 */
	SharedTask(Dispatcher dispatcher, @Nullable Object key) {
		this.dispatcher = dispatcher;
		this.key = key;
	}

	/** What there is to do. */
	abstract void call();

	/** Takes note that a method of the key threw. */
	abstract void keyFailed(Throwable ex);

	@Override
	public final void run() {
		if (this.exclusive) {
			call();
			return;
		}
		try {
			call();
		}
		finally {
			this.returned = true;
			this.dispatcher.giveBack(this);
		}
	}

	@Nullable Object key() {
		return this.key;
	}

	@Nullable SharedTask successor() {
		return this.successor;
	}

	void successor(SharedTask successor) {
		this.successor = successor;
	}

	boolean exclusive() {
		return this.exclusive;
	}

	/** Its key is of no use: it runs alone, which is in order with all others. */
	void makeExclusive(Throwable cause) {
		this.exclusive = true;
		keyFailed(cause);
	}

	/** Whether it was run and is back in the lane. */
	boolean returned() {
		return this.returned;
	}

	boolean finished() {
		return this.finished;
	}

	void finish() {
		this.finished = true;
	}

}
