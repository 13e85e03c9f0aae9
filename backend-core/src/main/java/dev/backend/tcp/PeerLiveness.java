package dev.backend.tcp;

import java.time.Duration;

/**
 * Decides whether the peer of one connection is still alive, and sees to it that the peer
 * hears from this side. Event loop only; called by the {@link LivenessCheck} of its loop,
 * {@link #heard()} by each read and {@link #spoken()} by each burst of writes.
 *
 * <p>
 * It holds no time stamps but counts the milliseconds that a check says have passed. So a
 * clock stands still when nothing is added to it, and a check that comes late can be left
 * out. The peer shows two signs of life, and each has a clock:
 * <ul>
 * <li><b>reads.</b> A read starts both {@code silent} and the wait for an answer to a
 * heartbeat anew. They do not run while the peer has no reason to speak: before the
 * service is ready, when the ready time-out watches, and while we do not listen, because
 * the handler is behind or all connections hold as many bytes as they may.
 * <li><b>writes.</b> {@code stuck} runs while bytes wait in the channel and the peer's
 * system takes none of them. That some were taken is a sign of life for heartbeats, too:
 * behind a long backlog they are late through no fault of the peer.
 * </ul>
 *
 * <p>
 * A third clock is about this side. {@code quiet} is how long the peer may not have heard
 * from it, at most: a write counts as made right after the check before. It runs on while
 * reading is paused, and over a late check, for the peer's clock does so, too. A
 * heartbeat is sent when {@code quiet} could come to the limit before the check after the
 * next: so it is in time even if the next one comes as late as a check may. No heartbeat
 * joins bytes that wait for the peer to take them.
 *
 * <p>
 * There is one heartbeat for both, so one that is sent to be heard asks the peer for an
 * answer, too, and one that asks is heard.
 */
abstract class PeerLiveness {

	/** The place in the list of the {@link LivenessCheck}. */
	int index = -1;

	private int silent;

	private int unanswered;

	private int sinceHeartbeat;

	private int stuck;

	private int mark;

	private int quiet;

	private boolean heard = true;

	private boolean spoken = true;

	private boolean heartbeatSent;

	/** Something was read. */
	void heard() {
		this.heard = true;
	}

	/** Something was handed to the channel. */
	void spoken() {
		this.spoken = true;
	}

	/** What {@link #sendHeartbeat()} had sent on its way will not be written. */
	void heartbeatNotSent() {
		this.heartbeatSent = false;
	}

	/**
	 * Gives the peer the full time again. What the peer should hear from this side is
	 * late by then, and sent at once.
	 * @param elapsed the milliseconds since the last check
	 * @param rules the time-outs
	 */
	void startOver(int elapsed, Rules rules) {
		this.mark = outboundMark();
		this.stuck = 0;
		restartSilence();
		this.heard = false;
		countQuiet(elapsed, false);
		sendHeartbeatIfDue(rules);
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
		countQuiet(elapsed, taken);
		if (rules.writeProgress > 0 && this.stuck >= rules.writeProgress) {
			stalled(rules.settings.writeProgressTimeout());
			return;
		}
		if (this.heard || !expected()) {
			restartSilence();
			this.heard = false;
		}
		else if (silentTooLong(elapsed, taken, rules)) {
			return;
		}
		sendHeartbeatIfDue(rules);
	}

	private void countQuiet(int elapsed, boolean taken) {
		this.quiet = (this.spoken || taken) ? elapsed : add(this.quiet, elapsed);
		this.spoken = false;
	}

	private void sendHeartbeatIfDue(Rules rules) {
		boolean asks = rules.heartbeat > 0 && this.sinceHeartbeat >= rules.heartbeat;
		if ((asks || quietTooLong(rules)) && sendHeartbeat()) {
			this.heartbeatSent = true;
			this.sinceHeartbeat = 0;
		}
	}

	private boolean quietTooLong(Rules rules) {
		return rules.writeIdle > 0 && add(this.quiet, 2 * rules.interval) > rules.writeIdle && this.mark == 0
				&& established();
	}

	private void restartSilence() {
		this.silent = 0;
		this.sinceHeartbeat = 0;
		this.unanswered = 0;
		this.heartbeatSent = false;
	}

	/** Closes the connection then. */
	private boolean silentTooLong(int elapsed, boolean taken, Rules rules) {
		this.silent = add(this.silent, elapsed);
		this.sinceHeartbeat = add(this.sinceHeartbeat, elapsed);
		this.heartbeatSent = this.heartbeatSent && rules.heartbeat > 0;
		this.unanswered = (this.heartbeatSent && !taken) ? add(this.unanswered, elapsed) : 0;
		if (rules.readIdle > 0 && this.silent >= rules.readIdle) {
			idle(rules.settings.readIdleTimeout());
			return true;
		}
		// One that was sent to be heard may have started the wait before its time.
		if (this.heartbeatSent && this.unanswered >= rules.answer && this.silent >= rules.timeout) {
			unanswered(rules.settings.heartbeatTimeout());
			return true;
		}
		return false;
	}

	private static int add(int clock, int elapsed) {
		int sum = clock + elapsed;
		return (sum >= 0) ? sum : Integer.MAX_VALUE;
	}

	/** Whether heartbeats may be sent: what comes before is the handler's. */
	abstract boolean established();

	/** Whether the peer would be heard, and has reason to answer a heartbeat. */
	abstract boolean expected();

	/**
	 * Returns what stands first to be written.
	 * @return zero if nothing is; otherwise a number that changes when some of it is
	 * taken, and not when more is added
	 */
	abstract int outboundMark();

	/**
	 * Sends a heartbeat, unless one waits to be written.
	 * @return whether one is on its way; if it is not written after all,
	 * {@link #heartbeatNotSent()} is called
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

		private final int timeout;

		private final int answer;

		private final int readIdle;

		private final int writeIdle;

		private final int writeProgress;

		private final int interval;

		Rules(TcpLiveness settings) {
			this.settings = settings;
			this.heartbeat = millis(settings.heartbeatInterval());
			this.timeout = millis(settings.heartbeatTimeout());
			this.answer = Math.max(1, this.timeout - this.heartbeat);
			this.readIdle = millis(settings.readIdleTimeout());
			this.writeIdle = millis(settings.writeIdleInterval());
			this.writeProgress = millis(settings.writeProgressTimeout());
			this.interval = quarterOfTheShortest();
		}

		/** The time between two checks: a quarter of the shortest, at most a second. */
		int interval() {
			return this.interval;
		}

		private int quarterOfTheShortest() {
			int shortest = 4 * LONGEST_INTERVAL;
			for (int millis : new int[] { this.heartbeat, this.readIdle, this.writeIdle, this.writeProgress }) {
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
