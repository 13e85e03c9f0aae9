package dev.backend.benchmarks.rpc.client;

import java.util.concurrent.Executor;

import org.springframework.core.task.VirtualThreadTaskExecutor;

/**
 * Threads of blocking callers, one for each task.
 */
final class CallerThreads {

	private CallerThreads() {
	}

	static Executor platform() {
		return (caller) -> {
			Thread thread = new Thread(caller, "caller");
			thread.setDaemon(true);
			thread.start();
		};
	}

	/** Only the contenders that run such works need Spring on their class path. */
	static Executor virtual() {
		return new VirtualThreadTaskExecutor("caller-");
	}

}
