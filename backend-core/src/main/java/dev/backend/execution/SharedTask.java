package dev.backend.execution;

import org.jspecify.annotations.Nullable;

/**
 * A callback that may run beside others of its service; see {@link Dispatcher}.
 */
public abstract class SharedTask extends SerialExecutor.Task {

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
	protected SharedTask(Dispatcher dispatcher, @Nullable Object key) {
		this.dispatcher = dispatcher;
		this.key = key;
	}

	/**
	 * Does what there is to do. Called once.
	 */
	protected abstract void call();

	/**
	 * Takes note that a method of the key threw.
	 * @param ex what it threw
	 */
	protected abstract void keyFailed(Throwable ex);

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
