package dev.backend.execution;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.backend.execution.Backoff.Jitter;
import org.jspecify.annotations.Nullable;

/**
 * The executor of handlers and hooks, which may be full and refuse. What it has refused
 * of {@linkplain SerialExecutor serial executors} is offered to it again until it takes
 * it: nothing else may come to do so, since reading pauses while callbacks wait.
 *
 * <p>
 * One timer serves all serial executors. Each time, it offers them in the order in which
 * they were refused, up to the first that is refused again, and then waits for longer, up
 * to a second. So an executor that stays full costs one attempt a second, whatever the
 * number of services. The lock guards the set and the timer, and nothing runs under it.
 */
public final class HandlerExecutor implements Executor, AutoCloseable {

	private static final Duration FIRST_DELAY = Duration.ofMillis(2);

	private static final Duration LAST_DELAY = Duration.ofSeconds(1);

	private final Executor executor;

	private final ScheduledExecutorService timers;

	private final Set<SerialExecutor> refused = new LinkedHashSet<>();

	private final Backoff backoff = new Backoff(Jitter.HALF);

	/** Of the attempt that is due; while one is made, there is none. */
	private @Nullable Future<?> timer;

	private boolean offering;

	private boolean closed;

	/**
	 * Creates an executor.
	 * @param executor runs the tasks, or refuses them
	 * @param timers runs the attempts
	 */
	public HandlerExecutor(Executor executor, ScheduledExecutorService timers) {
		this.executor = executor;
		this.timers = timers;
	}

	@Override
	public void execute(Runnable task) {
		this.executor.execute(task);
	}

	/** Offers it again, soon. Called by any thread. */
	synchronized void refused(SerialExecutor tasks) {
		if (!this.closed) {
			this.refused.add(tasks);
			startTimer();
		}
	}

	private void startTimer() {
		if (this.timer == null && !this.offering && !this.refused.isEmpty()) {
			this.timer = this.timers.schedule(this::offerAll, this.backoff.next(FIRST_DELAY, LAST_DELAY).toNanos(),
					TimeUnit.NANOSECONDS);
		}
	}

	private void offerAll() {
		boolean progress = false;
		boolean accepted = true;
		begin();
		while (accepted) {
			SerialExecutor next = next();
			if (next == null) {
				break;
			}
			accepted = next.retry();
			progress |= accepted;
		}
		end(progress);
	}

	private synchronized void begin() {
		this.timer = null;
		this.offering = true;
	}

	private synchronized @Nullable SerialExecutor next() {
		if (this.closed || this.refused.isEmpty()) {
			return null;
		}
		SerialExecutor next = this.refused.iterator().next();
		this.refused.remove(next);
		return next;
	}

	private synchronized void end(boolean progress) {
		this.offering = false;
		if (progress) {
			this.backoff.reset();
		}
		startTimer();
	}

	/** Offers nothing any more. */
	@Override
	public synchronized void close() {
		this.closed = true;
		this.refused.clear();
		if (this.timer != null) {
			this.timer.cancel(false);
		}
	}

}
