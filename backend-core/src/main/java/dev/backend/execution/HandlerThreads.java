package dev.backend.execution;

/**
 * Daemon threads that run handlers and hooks, of one owner or of several: there are some
 * from the first {@link HandlerShare} on until the last one is released. Idle threads end
 * before that. Safe for use by any thread.
 */
public final class HandlerThreads {

	private final int count;

	private final DaemonThreads threads = new DaemonThreads();

	private final SharedResource<HandlerPool> pool;

	/**
	 * Creates what hands out threads, and starts none.
	 * @param name the beginning of their names
	 * @param count how many there are at most, at least 1
	 */
	public HandlerThreads(String name, int count) {
		this.count = count;
		this.pool = new SharedResource<>(() -> new HandlerPool(this.threads, name, count));
	}

	/**
	 * Returns how many threads there are at most.
	 * @return the number
	 */
	public int count() {
		return this.count;
	}

	/**
	 * Gives one more owner an executor of its own on these threads.
	 * @return the executor; to be released
	 */
	public HandlerShare acquire() {
		return new HandlerShare(this.pool.acquire());
	}

	/**
	 * Returns whether the caller is on one of these threads, whoever's task it runs.
	 * @return whether it must not wait for them
	 */
	public boolean includeCurrent() {
		return this.threads.includeCurrent();
	}

}
