package dev.backend.execution;

import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.execution.PermitGate.Lane;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * The hand-over of a permit between event loops: never more than there are, and none
 * lost.
 */
final class PermitGateStress {

	private PermitGateStress() {
	}

	@JCStressTest
	@Outcome(id = "1, 2, 3", expect = Expect.ACCEPTABLE, desc = "One dials, then the other one, then a third")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Both dial at once, or a permit is lost")
	@State
	public static class AcquireAndAcquire {

		final PermitGate gate = new PermitGate(1);

		final AtomicInteger granted = new AtomicInteger();

		@Actor
		public void loop(III_Result result) {
			this.gate.acquire(Lane.FIRST, this.granted::incrementAndGet);
		}

		@Actor
		public void otherLoop(III_Result result) {
			this.gate.acquire(Lane.RETRY, this.granted::incrementAndGet);
		}

		@Arbiter
		public void end(III_Result result) {
			result.r1 = this.granted.get();
			this.gate.release(Lane.FIRST);
			result.r2 = this.granted.get();
			this.gate.release(Lane.FIRST);
			this.gate.acquire(Lane.FIRST, this.granted::incrementAndGet);
			result.r3 = this.granted.get();
		}

	}

	@JCStressTest
	@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "The permit went to who asked, and is one still")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Who asked waits for ever, or there are two permits or none")
	@State
	public static class ReleaseAndAcquire {

		final PermitGate gate = new PermitGate(1);

		final AtomicInteger granted = new AtomicInteger();

		public ReleaseAndAcquire() {
			this.gate.acquire(Lane.FIRST, () -> {
			});
		}

		@Actor
		public void loop(III_Result result) {
			this.gate.release(Lane.FIRST);
		}

		@Actor
		public void otherLoop(III_Result result) {
			this.gate.acquire(Lane.FIRST, this.granted::incrementAndGet);
		}

		@Arbiter
		public void end(III_Result result) {
			result.r1 = this.granted.get();
			this.gate.acquire(Lane.FIRST, this.granted::incrementAndGet);
			result.r2 = this.granted.get();
			this.gate.release(Lane.FIRST);
			result.r3 = this.granted.get();
		}

	}

}
