package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import dev.backend.ConnectionLostException;
import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has received and not decoded, or read ahead of its handler, as a
 * part of the {@link ByteBudget}. Made when that is bounded. Event loop only, but for
 * {@link #readOn()}.
 *
 * <p>
 * A connection with the turn to read that keeps others waiting is closed if it does not
 * bring another {@link ByteBudget#SHARE} bytes within ten seconds: the rest of its frame
 * does not come.
 */
final class InboundShare implements ByteBudget.Reader {

	private static final Duration TURN = Duration.ofSeconds(10);

	private final Link<?> link;

	private final ByteBudget budget;

	private int held;

	private int undecoded;

	/** Whether it has entered the budget's line, or has the turn. */
	private boolean entered;

	private boolean stopped;

	/** Tells one turn from the next. */
	private @Nullable Object turn;

	InboundShare(Link<?> link, ByteBudget budget) {
		this.link = link;
		this.budget = budget;
	}

	/**
	 * Takes note of what is held by now, and stops or goes on reading. What was read
	 * ahead has its own bound, and more bytes would be of no use to be rid of it.
	 * @param bytes how many
	 * @param undecoded how many of them are not decoded
	 * @param wanting whether more would be read
	 */
	void hold(int bytes, int undecoded, boolean wanting) {
		if (bytes != this.held) {
			this.budget.add(bytes - this.held);
			this.held = bytes;
		}
		this.undecoded = undecoded;
		if (wanting && this.budget.refuses(undecoded)) {
			this.entered = true;
			if (!this.budget.enter(this)) {
				this.stopped = true;
				this.link.channel().config().setAutoRead(false);
				return;
			}
			goOn();
			if (this.turn == null) {
				watch();
			}
		}
		else if (this.entered) {
			leave();
		}
	}

	private void leave() {
		this.entered = false;
		this.turn = null;
		this.budget.leave(this);
		goOn();
	}

	/** What comes after a stop may be rid of it, such as further records of TLS. */
	private void goOn() {
		if (this.stopped) {
			this.stopped = false;
			this.link.readOn();
		}
	}

	/** Whether reading waits for others to give bytes back. */
	boolean stopped() {
		return this.stopped;
	}

	private void watch() {
		Object turn = new Object();
		int before = this.undecoded;
		this.turn = turn;
		this.link.channel().eventLoop().schedule(() -> {
			if (this.turn == turn) {
				check(before);
			}
		}, TURN.toNanos(), TimeUnit.NANOSECONDS);
	}

	private void check(int before) {
		this.turn = null;
		if (!this.budget.hasTurn(this)) {
			return;
		}
		if (this.budget.othersWait() && this.undecoded - before < ByteBudget.SHARE) {
			this.link.fail(new ConnectionLostException(
					"%s: %d bytes of a message whose rest did not come within %s, while all connections hold as many "
						.formatted(this.link.label(), this.undecoded, DurationText.of(TURN))
							+ "bytes as they may (backend.tcp.limits.total-bytes)",
					true, null));
		}
		else {
			watch();
		}
	}

	@Override
	public void readOn() {
		try {
			this.link.channel().eventLoop().execute(() -> {
				goOn();
				if (!this.entered) {
					// It has left meanwhile, just before it was given the turn.
					this.budget.leave(this);
				}
				else if (this.turn == null) {
					watch();
				}
			});
		}
		catch (RejectedExecutionException ex) {
			// The backend has stopped, and all its connections are closed.
			this.budget.leave(this);
		}
	}

	/** Nothing is held any more. */
	void close() {
		hold(0, 0, false);
		this.stopped = false;
		this.budget.leave(this);
	}

}
