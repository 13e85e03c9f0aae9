package dev.backend.tcp;

import java.time.Duration;

/**
 * Decides whether the peer of one connection is still alive. Event loop only; called by
 * the {@link LivenessCheck} of its loop, and {@link #heard()} by each read.
 *
 * <p>
 * It holds no time stamps but counts the milliseconds that a check says have passed. So a
 * clock stands still when nothing is added to it, and a check that comes late can be left
 * out. There are two signs of life and a clock for each:
 * <ul>
 * <li><b>reads.</b> A read starts both {@code silent} and the wait for an answer to a
 * heartbeat anew. They do not run while the peer has no reason to speak: before the
 * service is ready, when the ready time-out watches, and while we do not listen, because
 * the handler is behind.
 * <li><b>writes.</b> {@code stuck} runs while bytes wait in the channel and the peer's
 * system takes none of them. That some were taken is a sign of life for heartbeats, too:
 * behind a long backlog they are late through no fault of the peer.
 * </ul>
 */
abstract class PeerLiveness {

	/** The place in the list of the {@link LivenessCheck}. */
	int index = -1;

	private int silent;

	private int unanswered;

	private int sinceHeartbeat;

	private int stuck;

	private int mark;

	private boolean heard = true;

	private boolean heartbeatSent;

	/** Something was read. */
	void heard() {
		this.heard = true;
	}

	/** Gives the peer the full time again. */
	void startOver() {
		this.stuck = 0;
		restartSilence();
		this.heard = false;
	}

	/**
	 * Counts the time since the last check, and acts.
	 * @param elapsed the milliseconds since then
	 * @param rules the time-outs
	 */
	void check(int elapsed, Rules rules) {
		int mark = outboundMark();
		boolean waited = this.mark != 0;
		boolean taken = waited && mark != this.mark;
		this.stuck = (waited && !taken) ? add(this.stuck, elapsed) : 0;
		this.mark = mark;
		if (rules.writeProgress > 0 && this.stuck >= rules.writeProgress) {
			stalled(rules.settings.writeProgressTimeout());
		}
		else if (this.heard || !expected()) {
			restartSilence();
			this.heard = false;
		}
		else {
			checkSilence(elapsed, taken, rules);
		}
	}

	private void restartSilence() {
		this.silent = 0;
		this.sinceHeartbeat = 0;
		this.unanswered = 0;
		this.heartbeatSent = false;
	}

	private void checkSilence(int elapsed, boolean taken, Rules rules) {
		this.silent = add(this.silent, elapsed);
		this.sinceHeartbeat = add(this.sinceHeartbeat, elapsed);
		this.unanswered = (this.heartbeatSent && !taken) ? add(this.unanswered, elapsed) : 0;
		if (rules.readIdle > 0 && this.silent >= rules.readIdle) {
			idle(rules.settings.readIdleTimeout());
		}
		else if (rules.heartbeat == 0) {
			this.heartbeatSent = false;
		}
		else if (this.heartbeatSent && this.unanswered >= rules.answer) {
			unanswered(rules.settings.heartbeatTimeout());
		}
		else if (this.sinceHeartbeat >= rules.heartbeat && sendHeartbeat()) {
			this.heartbeatSent = true;
			this.sinceHeartbeat = 0;
		}
	}

	private static int add(int clock, int elapsed) {
		int sum = clock + elapsed;
		return (sum >= 0) ? sum : Integer.MAX_VALUE;
	}

	/** Whether the peer would be heard, and has reason to answer a heartbeat. */
	abstract boolean expected();

	/**
	 * Returns what stands first to be written.
	 * @return zero if nothing is; otherwise a number that changes when some of it is
	 * taken, and not when more is added
	 */
	abstract int outboundMark();

	/**
	 * Sends a heartbeat.
	 * @return whether one is on its way
	 */
	abstract boolean sendHeartbeat();

	/** Nothing was read for the read idle time-out. */
	abstract void idle(Duration timeout);

	/** Nothing was read for the heartbeat time-out. */
	abstract void unanswered(Duration timeout);

	/** Nothing was written for the write progress time-out, although there was enough. */
	abstract void stalled(Duration timeout);

	/** The settings in milliseconds, zero for off. */
	static final class Rules {

		private static final int LONGEST_INTERVAL = 1000;

		private final TcpLiveness settings;

		private final int heartbeat;

		private final int answer;

		private final int readIdle;

		private final int writeProgress;

		Rules(TcpLiveness settings) {
			this.settings = settings;
			this.heartbeat = millis(settings.heartbeatInterval());
			this.answer = Math.max(1, millis(settings.heartbeatTimeout()) - this.heartbeat);
			this.readIdle = millis(settings.readIdleTimeout());
			this.writeProgress = millis(settings.writeProgressTimeout());
		}

		/** A quarter of the shortest of them, at most a second. */
		int interval() {
			int shortest = 4 * LONGEST_INTERVAL;
			for (int millis : new int[] { this.heartbeat, this.readIdle, this.writeProgress }) {
				shortest = (millis > 0) ? Math.min(shortest, millis) : shortest;
			}
			return Math.max(1, shortest / 4);
		}

		static int millis(Duration duration) {
			if (duration.isZero()) {
				return 0;
			}
			return (duration.getSeconds() < Integer.MAX_VALUE / 1000) ? Math.max(1, (int) duration.toMillis())
					: Integer.MAX_VALUE;
		}

	}

}
