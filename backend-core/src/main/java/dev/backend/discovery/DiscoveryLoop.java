package dev.backend.discovery;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;

import dev.backend.execution.DaemonThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one daemon thread that owns the state of a source: for those who write a
 * {@link ServiceDiscovery}. What comes after its end is dropped; a task that fails is
 * reported, for nobody waits for it.
 */
public final class DiscoveryLoop extends ScheduledThreadPoolExecutor {

	private static final Logger logger = LoggerFactory.getLogger(DiscoveryLoop.class);

	private final String name;

	/**
	 * Creates a loop, whose thread starts with its first task.
	 * @param name the thread's name
	 */
	public DiscoveryLoop(String name) {
		super(1, new DaemonThreads().named(name), new ThreadPoolExecutor.DiscardPolicy());
		this.name = name;
		setRemoveOnCancelPolicy(true);
	}

	@Override
	protected void afterExecute(Runnable task, @Nullable Throwable failure) {
		super.afterExecute(task, failure);
		if (task instanceof Future<?> done && done.isDone() && !done.isCancelled()) {
			try {
				done.get();
			}
			catch (ExecutionException ex) {
				logger.error("A task of {} failed", this.name, ex.getCause());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
	}

}
