package dev.backend.benchmarks.rpc.server;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts one-way messages and lets threads wait for totals. Adding costs an atomic
 * addition and a volatile read; whoever reaches the lowest awaited total wakes the
 * waiters. A waiter publishes the total before it looks at the count, and an adder adds
 * before it looks at the total, so one of them sees the other.
 */
public final class ReceivedCounter {

	private final AtomicLong count = new AtomicLong();

	private volatile long awaited = Long.MAX_VALUE;

	/**
	 * Adds messages that were received. Called from any thread.
	 * @param messages how many
	 */
	public void add(long messages) {
		if (this.count.addAndGet(messages) >= this.awaited) {
			wake();
		}
	}

	private synchronized void wake() {
		this.awaited = Long.MAX_VALUE;
		notifyAll();
	}

	/**
	 * Waits until a total is reached.
	 * @param total the total
	 * @return the total by then
	 * @throws InterruptedException if interrupted
	 */
	synchronized long await(long total) throws InterruptedException {
		while (this.count.get() < total) {
			this.awaited = Math.min(this.awaited, total);
			if (this.count.get() < total) {
				wait();
			}
		}
		return this.count.get();
	}

}
