package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicInteger;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIL_Result;

/**
 * Event loops that take and give back bytes of one {@link ByteBudget}: whoever stops
 * reading is told to read on, and nothing is left in the count.
 */
final class ByteBudgetStress {

	private ByteBudgetStress() {
	}

	private static final class Reader implements ByteBudget.Reader {

		final AtomicInteger told = new AtomicInteger();

		@Override
		public void readOn() {
			this.told.incrementAndGet();
		}

	}

	/** One stops, because all is taken, as another gives all back. */
	@JCStressTest
	@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "It was told")
	@Outcome(expect = Expect.FORBIDDEN, desc = "It waits for ever, or is told twice")
	@State
	public static class EnterAndGiveBack {

		final ByteBudget budget = new ByteBudget(() -> 100);

		final Reader other = new Reader();

		final Reader reader = new Reader();

		public EnterAndGiveBack() {
			this.budget.add(100);
			this.budget.enter(this.other);
		}

		@Actor
		public void stops(IIL_Result result) {
			this.budget.enter(this.reader);
		}

		@Actor
		public void givesBack(IIL_Result result) {
			this.budget.add(-100);
		}

		@Arbiter
		public void end(IIL_Result result) {
			result.r1 = this.reader.told.get();
			result.r2 = this.other.told.get();
			result.r3 = this.budget.held();
		}

	}

	/** One stops, because another has the turn, as that gives it up; all stays taken. */
	@JCStressTest
	@Outcome(id = "1, 0, 100", expect = Expect.ACCEPTABLE, desc = "It has the turn: it reads on, or was told to")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Nobody has the turn, and it waits for ever")
	@State
	public static class EnterAndLeave {

		final ByteBudget budget = new ByteBudget(() -> 100);

		final Reader other = new Reader();

		final Reader reader = new Reader();

		public EnterAndLeave() {
			this.budget.add(100);
			this.budget.enter(this.other);
		}

		@Actor
		public void stops(IIL_Result result) {
			result.r1 = this.budget.enter(this.reader) ? 1 : 0;
		}

		@Actor
		public void leaves(IIL_Result result) {
			this.budget.leave(this.other);
		}

		@Arbiter
		public void end(IIL_Result result) {
			result.r1 += this.reader.told.get();
			result.r2 = this.other.told.get();
			result.r3 = this.budget.held();
		}

	}

	/** Two lines of bytes, taken and given back. */
	@JCStressTest
	@Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "Nothing is left in the count")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Something is lost, or counted twice")
	@State
	public static class TakeAndGiveBack {

		final ByteBudget budget = new ByteBudget(() -> 100);

		@Actor
		public void loop(IIL_Result result) {
			this.budget.add(70);
			this.budget.add(-70);
		}

		@Actor
		public void otherLoop(IIL_Result result) {
			this.budget.add(60);
			this.budget.add(-60);
		}

		@Arbiter
		public void end(IIL_Result result) {
			result.r3 = this.budget.held();
		}

	}

}
