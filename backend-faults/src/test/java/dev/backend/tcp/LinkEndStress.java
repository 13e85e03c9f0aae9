package dev.backend.tcp;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * The end of a connection beside the handler's thread and beside a caller: all callbacks
 * or none, each message handled or counted, what was accepted written, the end told once
 * and last.
 */
final class LinkEndStress {

	private LinkEndStress() {
	}

	/** What was called, handled and not handled, and whether it was skipped. */
	private static void report(StressLink link, LLLL_Result result) {
		link.runAll();
		result.r1 = link.calls.toString();
		result.r2 = link.handled.get();
		result.r3 = link.counters.unhandledMessages();
		result.r4 = link.counters.skippedConnections();
	}

	private static Frame[] messages(int count) {
		Frame[] messages = new Frame[count];
		for (int i = 0; i < count; i++) {
			messages[i] = Frame.push(Integer.toString(i + 1));
		}
		return messages;
	}

	/** The connection ends while a thread comes to call its first callback. */
	@JCStressTest
	@Outcome(id = "c1dr, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "It had begun: all callbacks, and the end last")
	@Outcome(id = "r, 0, 1, 1", expect = Expect.ACCEPTABLE, desc = "It was skipped: no callback, and one counted")
	@Outcome(expect = Expect.FORBIDDEN,
			desc = "Some callbacks, a message lost or doubled, or the end not once and last")
	@State
	public static class BeginOrSkip {

		final StressLink link = new StressLink(false);

		public BeginOrSkip() {
			this.link.read(Frame.push("1"));
		}

		@Actor
		public void handler(LLLL_Result result) {
			this.link.runHandler();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.lose();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			report(this.link, result);
		}

	}

	/** The same, with messages that are not decoded yet. */
	@JCStressTest
	@Outcome(id = "c1234dr, 4, 0, 0", expect = Expect.ACCEPTABLE,
			desc = "It had begun: all callbacks, and the end last")
	@Outcome(id = "r, 0, 4, 1", expect = Expect.ACCEPTABLE, desc = "It was skipped: no callback, and all counted")
	@Outcome(expect = Expect.FORBIDDEN,
			desc = "Some callbacks, a message lost or doubled, or the end not once and last")
	@State
	public static class BeginOrSkipWhilePaused {

		final StressLink link = new StressLink(false);

		public BeginOrSkipWhilePaused() {
			this.link.read(messages(4));
		}

		@Actor
		public void handler(LLLL_Result result) {
			this.link.runHandler();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.lose();
			this.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			report(this.link, result);
		}

	}

	/**
	 * Two of four messages are decoded when the peer ends, and the handler catches up.
	 */
	@JCStressTest
	@Outcome(id = "c1234dr, 4, 0, 0", expect = Expect.ACCEPTABLE, desc = "All are handled, and then the end")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost or doubled, or the end is not told once and last")
	@State
	public static class LossAndCatchingUp {

		final StressLink link = new StressLink();

		public LossAndCatchingUp() {
			this.link.read(messages(4));
		}

		@Actor
		public void handler(LLLL_Result result) {
			this.link.runHandler();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.lose();
			this.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			report(this.link, result);
		}

	}

	/** The same, and this side ends. */
	@JCStressTest
	@Outcome(id = "c1234dr, 4, 0, 0", expect = Expect.ACCEPTABLE, desc = "All are handled, and then the end")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost or doubled, or the end is not told once and last")
	@State
	public static class CloseAndCatchingUp {

		final StressLink link = new StressLink();

		public CloseAndCatchingUp() {
			this.link.read(messages(4));
		}

		@Actor
		public void handler(LLLL_Result result) {
			this.link.runHandler();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.close();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			report(this.link, result);
		}

	}

	/** The handler is waited for no longer, just as it catches up. */
	@JCStressTest
	@Outcome(id = "c12dr, 2, 2, 0", expect = Expect.ACCEPTABLE, desc = "Given up first: the rest is counted")
	@Outcome(id = "c123dr, 3, 1, 0", expect = Expect.ACCEPTABLE, desc = "Given up after one more: the rest is counted")
	@Outcome(id = "c1234dr, 4, 0, 0", expect = Expect.ACCEPTABLE, desc = "The handler was first")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost or doubled, or the end is not told once and last")
	@State
	public static class GiveUpAndCatchingUp {

		final StressLink link = new StressLink();

		public GiveUpAndCatchingUp() {
			this.link.read(messages(4));
			this.link.lose();
		}

		@Actor
		public void handler(LLLL_Result result) {
			this.link.runHandler();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.runLoop();
			this.link.link.giveUp();
			this.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			report(this.link, result);
		}

	}

	/** A connection is closed on purpose while a caller sends. */
	@JCStressTest
	@Outcome(id = "true, true, ab, 0", expect = Expect.ACCEPTABLE, desc = "Both accepted, and written")
	@Outcome(id = "true, false, a, 0", expect = Expect.ACCEPTABLE, desc = "The first one accepted, and written")
	@Outcome(id = "false, false, , 0", expect = Expect.ACCEPTABLE, desc = "Both refused, and not written")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Accepted and not written, or refused and written")
	@State
	public static class SendAndClose {

		final StressLink link = new StressLink();

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.send("a");
			result.r2 = this.link.send("b");
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.close();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runAll();
			result.r3 = this.link.written.toString();
			result.r4 = this.link.counters.dropped();
		}

	}

	/** The same, while the peer has not taken what came before. */
	@JCStressTest
	@Outcome(id = "true, true, 0ab, 0", expect = Expect.ACCEPTABLE, desc = "Both accepted, and written")
	@Outcome(id = "true, false, 0a, 0", expect = Expect.ACCEPTABLE, desc = "The first one accepted, and written")
	@Outcome(id = "false, false, 0, 0", expect = Expect.ACCEPTABLE, desc = "Both refused, and not written")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Accepted and not written, or refused and written")
	@State
	public static class SendAndCloseBehindOthers {

		final StressLink link = new StressLink();

		public SendAndCloseBehindOthers() {
			this.link.writable(false);
			this.link.send("0");
			this.link.runLoop();
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.send("a");
			result.r2 = this.link.send("b");
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.close();
			this.link.writable(true);
			this.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runAll();
			result.r3 = this.link.written.toString();
			result.r4 = this.link.counters.dropped();
		}

	}

	/** A request would come back too late: it is not written. */
	@JCStressTest
	@Outcome(id = "refused, , 0, true", expect = Expect.ACCEPTABLE, desc = "Sent after the end, and refused")
	@Outcome(id = "lost, , 1, true", expect = Expect.ACCEPTABLE, desc = "Sent before the end, and lost unwritten")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Accepted and never settled, settled twice, or written")
	@State
	public static class RequestAndClose {

		final LinkStress.OneRequest request = new LinkStress.OneRequest();

		@Actor
		public void caller(LLLL_Result result) {
			this.request.send();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.request.link.close();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.request.link.runAll();
			this.request.report(result);
			result.r4 = this.request.link.closed();
		}

	}

	/** The connection is lost while a caller sends. */
	@JCStressTest
	@Outcome(id = "true, true, ab, 0", expect = Expect.ACCEPTABLE, desc = "Both accepted, and written")
	@Outcome(id = "true, true, a, 1", expect = Expect.ACCEPTABLE, desc = "The second one accepted, and dropped")
	@Outcome(id = "true, true, , 2", expect = Expect.ACCEPTABLE, desc = "Both accepted, and dropped")
	@Outcome(id = "true, false, a, 0", expect = Expect.ACCEPTABLE, desc = "The second one refused")
	@Outcome(id = "true, false, , 1", expect = Expect.ACCEPTABLE,
			desc = "The second one refused, the first one dropped")
	@Outcome(id = "false, false, , 0", expect = Expect.ACCEPTABLE, desc = "Both refused")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Accepted, and neither written nor counted, or refused and written")
	@State
	public static class SendAndLoss {

		final StressLink link = new StressLink();

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.send("a");
			result.r2 = this.link.send("b");
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.runLoop();
			this.link.lose();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runAll();
			result.r3 = this.link.written.toString();
			result.r4 = this.link.counters.dropped();
		}

	}

}
