package dev.backend.autoconfigure;

import java.util.ArrayList;
import java.util.List;

/**
 * Threads that each end one thing, all at the same time. Used by one thread.
 */
final class StopThreads {

	private final List<Thread> awaited = new ArrayList<>();

	/**
	 * Starts a thread that is waited for.
	 * @param task ends something
	 */
	void start(Runnable task) {
		this.awaited.add(startAlone(task));
	}

	/**
	 * Starts a thread that nobody waits for.
	 * @param task ends something
	 * @return the thread
	 */
	static Thread startAlone(Runnable task) {
		Thread thread = new Thread(task, "backend-stop");
		// Whoever asks, the process must not end in the middle of it.
		thread.setDaemon(false);
		thread.start();
		return thread;
	}

	/** Waits for them. If the caller is interrupted, so are they. */
	void join() {
		try {
			for (Thread thread : this.awaited) {
				thread.join();
			}
		}
		catch (InterruptedException ex) {
			this.awaited.forEach(Thread::interrupt);
			Thread.currentThread().interrupt();
		}
	}

}
