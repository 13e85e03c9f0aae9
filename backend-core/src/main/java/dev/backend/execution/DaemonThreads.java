package dev.backend.execution;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the named daemon threads of one owner, and knows them again: whoever is on one of
 * them must not wait for it to end. Safe for use by any thread.
 */
public final class DaemonThreads {

	/**
	 * Makes a thread.
	 * @param name its name
	 * @param task what it runs
	 * @return the thread, not started
	 */
	public Thread unstarted(String name, Runnable task) {
		return new OwnedThread(this, name, task);
	}

	/**
	 * Returns a factory for an executor of one thread at a time.
	 * @param name the name of the thread
	 * @return the factory
	 */
	public ThreadFactory named(String name) {
		return (task) -> unstarted(name, task);
	}

	/**
	 * Returns a factory for an executor of several threads.
	 * @param name the beginning of their names; a hyphen and a number, from 1 on, follow
	 * @return the factory
	 */
	public ThreadFactory numbered(String name) {
		AtomicInteger number = new AtomicInteger();
		return (task) -> unstarted(name + "-" + number.incrementAndGet(), task);
	}

	/**
	 * Returns whether the caller is on one of these threads.
	 * @return whether it must not wait for them
	 */
	public boolean includeCurrent() {
		return Thread.currentThread() instanceof OwnedThread thread && thread.owner == this;
	}

	/** A thread of one owner. */
	static class OwnedThread extends Thread {

		private final DaemonThreads owner;

		OwnedThread(DaemonThreads owner, String name, Runnable task) {
			super(task, name);
			this.owner = owner;
			setDaemon(true);
		}

	}

}
