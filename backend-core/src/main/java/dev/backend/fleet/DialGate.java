package dev.backend.fleet;

import java.util.ArrayDeque;
import java.util.Queue;

import org.jspecify.annotations.Nullable;

/**
 * Bounds how many connections a backend makes at once. First dials go before retries, so
 * that peers which do not answer cannot keep healthy ones waiting; within each kind, the
 * order is that of arrival. Safe for use by any thread; the lock guards two queues and a
 * count, and nothing runs under it.
 */
public final class DialGate {

	private final int permits;

	private final Queue<Runnable> first = new ArrayDeque<>();

	private final Queue<Runnable> retries = new ArrayDeque<>();

	private int active;

	public DialGate(int permits) {
		this.permits = permits;
	}

	/**
	 * Asks to dial.
	 * @param retry whether this is not the service's first dial
	 * @param granted run when the dial may begin, by this thread or by that of another
	 * service's {@link #release()}; must hand over at once
	 */
	public void acquire(boolean retry, Runnable granted) {
		synchronized (this) {
			if (this.active >= this.permits) {
				(retry ? this.retries : this.first).add(granted);
				return;
			}
			this.active++;
		}
		granted.run();
	}

	/** Ends a dial that was granted. */
	public void release() {
		Runnable next;
		synchronized (this) {
			next = poll();
			if (next == null) {
				this.active--;
			}
		}
		if (next != null) {
			next.run();
		}
	}

	private @Nullable Runnable poll() {
		Runnable next = this.first.poll();
		return (next != null) ? next : this.retries.poll();
	}

}
