package dev.backend.tcp;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * Batches of two callers and the event loop of a whole {@link Link}: each is written
 * without anything in between, or refused or dropped as a whole.
 */
final class BatchStress {

	private BatchStress() {
	}

	@JCStressTest
	@Outcome(id = "true, true, abcd, 0", expect = Expect.ACCEPTABLE, desc = "Both are written, one after the other")
	@Outcome(id = "true, true, cdab, 0", expect = Expect.ACCEPTABLE, desc = "Both are written, one after the other")
	@Outcome(expect = Expect.FORBIDDEN, desc = "They are mixed, or something is lost or written twice")
	@State
	public static class SubmitAndSubmit {

		final StressLink link = new StressLink();

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.submit(16, "a", "b");
		}

		@Actor
		public void otherCaller(LLLL_Result result) {
			result.r2 = this.link.submit(16, "c", "d");
		}

		@Actor
		public void loop() {
			this.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runAll();
			result.r3 = this.link.written.toString();
			result.r4 = this.link.counters.dropped();
		}

	}

	@JCStressTest
	@Outcome(id = "true, true, (abxy|xaby|xyab), 0", expect = Expect.ACCEPTABLE, desc = "The batch is whole")
	@Outcome(expect = Expect.FORBIDDEN, desc = "They are mixed, or something is lost or written twice")
	@State
	public static class SubmitAndSend {

		final StressLink link = new StressLink();

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.submit(16, "a", "b");
		}

		@Actor
		public void otherCaller(LLLL_Result result) {
			result.r2 = this.link.send("x") && this.link.send("y");
		}

		@Actor
		public void loop() {
			this.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runAll();
			result.r3 = this.link.written.toString();
			result.r4 = this.link.counters.dropped();
		}

	}

	/** There is a place for three messages. */
	@JCStressTest
	@Outcome(id = "true, false, ab, 0", expect = Expect.ACCEPTABLE, desc = "The first one had the places")
	@Outcome(id = "false, true, cd, 0", expect = Expect.ACCEPTABLE, desc = "The second one had the places")
	@Outcome(expect = Expect.FORBIDDEN, desc = "The bound does not hold, refuses both, or a part of one")
	@State
	public static class SubmitAndSubmitAtTheBound {

		final StressLink link = new StressLink();

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.submit(3, "a", "b");
		}

		@Actor
		public void otherCaller(LLLL_Result result) {
			result.r2 = this.link.submit(3, "c", "d");
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runAll();
			result.r3 = this.link.written.toString();
			result.r4 = this.link.counters.dropped();
		}

	}

	/**
	 * The connection closes on purpose, while the peer has not taken what came before.
	 */
	@JCStressTest
	@Outcome(id = "true, true, 0abc, 0", expect = Expect.ACCEPTABLE, desc = "Both accepted, and written")
	@Outcome(id = "true, false, 0ab, 0", expect = Expect.ACCEPTABLE, desc = "The batch accepted, and written")
	@Outcome(id = "false, false, 0, 0", expect = Expect.ACCEPTABLE, desc = "Both refused, and not written")
	@Outcome(expect = Expect.FORBIDDEN, desc = "A part of the batch is written, or it is lost")
	@State
	public static class SubmitAndClose {

		final StressLink link = new StressLink();

		public SubmitAndClose() {
			this.link.writable(false);
			this.link.send("0");
			this.link.runLoop();
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.submit(16, "a", "b");
			result.r2 = this.link.send("c");
		}

		@Actor
		public void loop() {
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

	/** The connection is lost while a caller submits. */
	@JCStressTest
	@Outcome(id = "true, true, abc, 0", expect = Expect.ACCEPTABLE, desc = "Both accepted, and written")
	@Outcome(id = "true, true, ab, 1", expect = Expect.ACCEPTABLE, desc = "The batch written, the message dropped")
	@Outcome(id = "true, true, , 3", expect = Expect.ACCEPTABLE, desc = "Both accepted, and dropped")
	@Outcome(id = "true, false, ab, 0", expect = Expect.ACCEPTABLE, desc = "The batch written, the message refused")
	@Outcome(id = "true, false, , 2", expect = Expect.ACCEPTABLE, desc = "The batch dropped, the message refused")
	@Outcome(id = "false, false, , 0", expect = Expect.ACCEPTABLE, desc = "Both refused")
	@Outcome(expect = Expect.FORBIDDEN, desc = "A part of the batch is written, or not all is counted")
	@State
	public static class SubmitAndLoss {

		final StressLink link = new StressLink();

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.submit(16, "a", "b");
			result.r2 = this.link.send("c");
		}

		@Actor
		public void loop() {
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
