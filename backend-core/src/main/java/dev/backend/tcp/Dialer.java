package dev.backend.tcp;

import java.time.Duration;

import dev.backend.ServiceConfig;
import dev.backend.execution.Backoff;
import dev.backend.execution.Backoff.Jitter;
import dev.backend.execution.PermitGate;
import dev.backend.execution.PermitGate.Lane;
import dev.backend.logging.ServiceLog;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * Makes the dials of one service, one at a time, and decides in which lane of the
 * {@link PermitGate} each waits, and how long after the last failure. Event loop only.
 *
 * <p>
 * A permit is asked for by {@link #request}, granted by {@link Owner#permitted} and held
 * until the {@link Owner} gives it back, for which a dial that fails counts as well: who
 * keeps it until a login has ended has logins under way bound the dials, too. What takes
 * half of its time or more, a dial or a login that leads to nothing, counts as hanging:
 * the next dial waits behind those that do not.
 */
final class Dialer implements Dial.Owner {

	private final TcpRuntime<?> runtime;

	private final EventLoop loop;

	private final Lane firstLane;

	private final Owner owner;

	private final Backoff backoff = new Backoff(Jitter.FULL);

	private Lane lane;

	private @Nullable Dial dial;

	/** A permit was asked for and not granted yet. */
	private boolean permitRequested;

	private boolean permitHeld;

	/** From when on the present dial, or the login that has begun, counts as hanging. */
	private long hangsAt;

	private boolean loginBegun;

	private boolean hung;

	private int failures;

	/**
	 * Creates a dialer, which does nothing until it is asked to.
	 * @param runtime what the services of the backend share
	 * @param loop the event loop of the service
	 * @param firstLane where a dial waits that none has failed before
	 * @param owner told what becomes of it
	 */
	Dialer(TcpRuntime<?> runtime, EventLoop loop, Lane firstLane, Owner owner) {
		this.runtime = runtime;
		this.loop = loop;
		this.firstLane = firstLane;
		this.lane = firstLane;
		this.owner = owner;
	}

	/** Asks for a permit, unless it was asked for already. */
	void request() {
		if (!this.permitRequested) {
			this.permitRequested = true;
			this.lane = nextLane();
			this.runtime.dials().acquire(this.lane, () -> this.owner.onLoop(this::permitted));
		}
	}

	private Lane nextLane() {
		if (this.hung) {
			return Lane.HUNG;
		}
		return (this.failures == 0 && this.backoff.attempts() <= 1) ? this.firstLane : Lane.RETRY;
	}

	private void permitted() {
		this.permitRequested = false;
		this.permitHeld = true;
		startClock(connectTimeout());
		this.owner.permitted();
	}

	/**
	 * Dials, with the permit.
	 * @param config where to
	 */
	void dial(ServiceConfig config) {
		this.owner.counters().dials.increment();
		this.dial = new Dial(this.loop, this.runtime.transport(), config, connectTimeout(), this);
		this.dial.start();
	}

	private Duration connectTimeout() {
		return this.runtime.context().settings().timings().connectTimeout();
	}

	boolean dialing() {
		return this.dial != null;
	}

	/** What was dialled is in use. */
	void connected() {
		this.dial = null;
		this.failures = 0;
	}

	/** Ends the dial that is under way, if there is one. */
	void giveUp() {
		Dial dial = this.dial;
		if (dial != null) {
			this.dial = null;
			dial.giveUp();
			releasePermit();
		}
	}

	/** Gives the permit back, if it is held. */
	void releasePermit() {
		if (this.permitHeld) {
			this.permitHeld = false;
			this.runtime.dials().release(this.lane);
		}
	}

	/**
	 * A login has begun by what was dialled.
	 * @param timeout how long it may take
	 */
	void loginBegun(Duration timeout) {
		this.loginBegun = true;
		startClock(timeout);
	}

	/** A login has ended well. */
	void loginEnded() {
		this.loginBegun = false;
		releasePermit();
	}

	/**
	 * What was dialled has ended.
	 * @param stable whether it was of use for so long that failures start over
	 */
	void disconnected(boolean stable) {
		this.hung = this.loginBegun && overdue();
		loginEnded();
		if (stable) {
			this.backoff.reset();
		}
	}

	/** Counts the next dial as the first. */
	void startOver() {
		this.backoff.reset();
		this.failures = 0;
		this.hung = false;
	}

	/** Returns how long to wait before the next dial. */
	Duration nextDelay() {
		TcpTimings timings = this.runtime.context().settings().timings();
		return this.backoff.next(timings.backoffInitial(), timings.backoffMax());
	}

	private void startClock(Duration timeout) {
		this.hangsAt = System.nanoTime() + timeout.toNanos() / 2;
	}

	private boolean overdue() {
		return System.nanoTime() - this.hangsAt >= 0;
	}

	@Override
	public void dialSucceeded(Dial dial, Connection connection) {
		if (dial == this.dial) {
			this.owner.dialSucceeded(connection);
		}
		else {
			connection.channel().close();
		}
	}

	@Override
	public void dialFailed(Dial dial, Throwable cause) {
		if (dial == this.dial) {
			failed(cause);
		}
	}

	/**
	 * What the permit was for has failed.
	 * @param cause why
	 */
	void failed(Throwable cause) {
		giveUp();
		releasePermit();
		this.hung = overdue();
		this.owner.counters().dialFailures.increment();
		DialLog.failed(this.owner.log(), this.owner.label(), ++this.failures, cause);
		this.owner.dialFailed(cause);
	}

	/** For whom it is dialled. */
	interface Owner {

		/**
		 * Runs a task on the event loop, as long as that lasts. Called by any thread.
		 * @param task the task
		 */
		void onLoop(Runnable task);

		/** The permit is there: to dial with, or to be given back. */
		void permitted();

		/**
		 * There is a channel; {@link #connected()} says that it is in use. What this
		 * throws closes it, and fails the dial.
		 * @param connection the channel, as reactor-netty has it
		 */
		void dialSucceeded(Connection connection);

		/**
		 * The dial has failed, which was counted and logged; its permit is given back.
		 * @param cause why
		 */
		void dialFailed(Throwable cause);

		String label();

		TcpCounters counters();

		ServiceLog log();

	}

}
