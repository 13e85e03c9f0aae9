package dev.backend.tcp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * How many messages of one service wait for its handler. Of the service, not of a
 * connection: what a lost connection left counts too. Safe for use by any thread.
 */
final class InboundBacklog {

	private static final VarHandle WAITING;

	static {
		try {
			WAITING = MethodHandles.lookup().findVarHandle(InboundBacklog.class, "waiting", int.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private volatile int waiting;

	/** Told after each message that was handled. */
	private volatile @Nullable Runnable reader;

	/** One more waits; returns how many do. */
	int add() {
		return (int) WAITING.getAndAdd(this, 1) + 1;
	}

	int size() {
		return this.waiting;
	}

	/**
	 * One was handled. A reader that is not to be seen here yet will see the lower count.
	 */
	void handled() {
		WAITING.getAndAdd(this, -1);
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
