package dev.backend.tcp;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * Makes the threads of a backend and knows them again: whoever is on one of them must not
 * wait for it to end.
 */
final class OwnThreads {

	private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

	/** Returns a factory of daemon threads with this name and a number. */
	ThreadFactory named(String name) {
		ThreadFactory factory = new DefaultThreadFactory(name, true);
		return (task) -> factory.newThread(() -> run(task));
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
