package dev.backend.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * An executor whose time passes when a test says so: an hour is a matter of milliseconds.
 * Tasks run on the thread that advances the time, in the order of their times.
 */
public final class VirtualTime extends AbstractExecutorService implements ScheduledExecutorService {

	private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>();

	/** Near the overflow, where only differences may be compared. */
	private long now = Long.MAX_VALUE - Duration.ofSeconds(20).toNanos();

	private final long began = this.now;

	private long sequence;

	private boolean shutdown;

	/**
	 * Returns the present time.
	 * @return the time in nanoseconds, of which only differences mean something
	 */
	public synchronized long nanoTime() {
		return this.now;
	}

	/** Runs what is due, and what that makes due at once. */
	public void run() {
		advance(Duration.ZERO);
	}

	/**
	 * Lets time pass and runs what becomes due, each at its time.
	 * @param duration how much
	 */
	public void advance(Duration duration) {
		long end = elapsed() + duration.toNanos();
		Task<?> task = takeDue(end);
		while (task != null) {
			task.run();
			task = takeDue(end);
		}
		synchronized (this) {
			this.now = this.began + end;
		}
	}

	private synchronized long elapsed() {
		return this.now - this.began;
	}

	private synchronized @Nullable Task<?> takeDue(long end) {
		Task<?> first = this.tasks.peek();
		if (first == null || first.at > end) {
			return null;
		}
		this.tasks.remove();
		this.now = this.began + Math.max(elapsed(), first.at);
		return first;
	}

	private synchronized <V> Task<V> add(Callable<V> call, long delayNanos) {
		Task<V> task = new Task<>(call, elapsed() + Math.max(0, delayNanos), this.sequence++);
		if (this.shutdown) {
			task.cancel(false);
		}
		else {
			this.tasks.add(task);
		}
		return task;
	}

	private synchronized void remove(Task<?> task) {
		this.tasks.remove(task);
	}

	@Override
	public void execute(Runnable command) {
		schedule(command, 0, TimeUnit.NANOSECONDS);
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
		return add(() -> {
			command.run();
			return true;
		}, unit.toNanos(delay));
	}

	@Override
	public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
		return add(callable, unit.toNanos(delay));
	}

	@Override
	public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
		return scheduleWithFixedDelay(command, initialDelay, period, unit);
	}

	@Override
	public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
		return schedule(() -> {
			command.run();
			scheduleWithFixedDelay(command, delay, delay, unit);
		}, initialDelay, unit);
	}

	@Override
	public void shutdown() {
		shutdownNow();
	}

	@Override
	public synchronized List<Runnable> shutdownNow() {
		this.shutdown = true;
		List<Runnable> left = new ArrayList<>(this.tasks);
		this.tasks.clear();
		return left;
	}

	@Override
	public synchronized boolean isShutdown() {
		return this.shutdown;
	}

	@Override
	public boolean isTerminated() {
		return isShutdown();
	}

	@Override
	public boolean awaitTermination(long timeout, TimeUnit unit) {
		return isShutdown();
	}

	private final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {

		private final long at;

		private final long place;

		private Task(Callable<V> call, long at, long place) {
			super(call);
			this.at = at;
			this.place = place;
		}

		@Override
		public boolean cancel(boolean mayInterruptIfRunning) {
			remove(this);
			return super.cancel(mayInterruptIfRunning);
		}

		@Override
		public long getDelay(TimeUnit unit) {
			return unit.convert(this.at - elapsed(), TimeUnit.NANOSECONDS);
		}

		@Override
		public int compareTo(Delayed other) {
			Task<?> task = (Task<?>) other;
			int order = Long.compare(this.at, task.at);
			return (order != 0) ? order : Long.compare(this.place, task.place);
		}

	}

}
