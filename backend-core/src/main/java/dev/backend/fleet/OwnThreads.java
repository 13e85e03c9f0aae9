package dev.backend.fleet;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the threads of a backend and knows them again: whoever is on one of them must not
 * wait for it to end.
 */
final class OwnThreads {

	private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

	/** Returns a factory of daemon threads with this name and a number. */
	ThreadFactory named(String name) {
		AtomicInteger number = new AtomicInteger();
		return (task) -> {
			Thread thread = new Thread(() -> run(task), name + "-" + number.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};
	}

	private void run(Runnable task) {
		this.threads.add(Thread.currentThread());
		try {
			task.run();
		}
		finally {
			this.threads.remove(Thread.currentThread());
		}
	}

	/** Returns whether the caller is on one of these threads. */
	boolean includeCurrent() {
		return this.threads.contains(Thread.currentThread());
	}

}
