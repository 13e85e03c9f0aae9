package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * How many messages of one service wait for its handler. Of the service, not of a
 * connection: what a lost connection left counts too. Safe for use by any thread.
 */
final class InboundBacklog {

	private final AtomicInteger waiting = new AtomicInteger();

	/** Told after each message that was handled. */
	private volatile @Nullable Runnable reader;

	/** One more waits; returns how many do. */
	int add() {
		return this.waiting.incrementAndGet();
	}

	int size() {
		return this.waiting.get();
	}

	/**
	 * One was handled. A reader that is not to be seen here yet will see the lower count.
	 */
	void handled() {
		this.waiting.decrementAndGet();
		Runnable reader = this.reader;
		if (reader != null) {
			reader.run();
		}
	}

	/** From now on, this is told. */
	void reader(Runnable reader) {
		this.reader = reader;
	}

	/** If this is told, nobody is any more. */
	void forget(Runnable reader) {
		if (this.reader == reader) {
			this.reader = null;
		}
	}

}
