package dev.backend.tcp;

import java.util.concurrent.Executor;

/**
 * What runs the handler's callbacks.
 *
 * @param executor runs them
 * @param threads how many at once, or 0 if that is not known, as with virtual threads
 * @param marksReady whether a login goes on when {@code onConnected} has returned, and so
 * needs no thread
 */
record TcpHandlers(Executor executor, int threads, boolean marksReady) {

	private static final int MANY = 1024;

	/**
	 * Returns how many connections may be made at once if nothing else is said: those
	 * that log in, and as many behind them.
	 */
	int concurrentDials() {
		return (this.threads == 0 || this.marksReady) ? MANY : 2 * this.threads;
	}

}
