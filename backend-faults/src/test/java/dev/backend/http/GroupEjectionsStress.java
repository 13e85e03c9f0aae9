package dev.backend.http;

import java.util.concurrent.atomic.AtomicInteger;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/**
 * Instances of one group, on different event loops, that are ejected or leave at the same
 * time: never too large a part is ejected.
 */
final class GroupEjectionsStress {

	private static final HttpEjection HALF = HttpEjection.on();

	private GroupEjectionsStress() {
	}

	@JCStressTest
	@Outcome(id = "true, false, 0", expect = Expect.ACCEPTABLE, desc = "The first one is ejected, the other one not")
	@Outcome(id = "false, true, 0", expect = Expect.ACCEPTABLE, desc = "The second one is ejected, the other one not")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Both are ejected, or none")
	@State
	public static class EjectAndEject {

		final GroupEjections group = new GroupEjections();

		final AtomicInteger readmissions = new AtomicInteger();

		public EjectAndEject() {
			this.group.joined();
			this.group.joined();
		}

		@Actor
		public void loop(LLL_Result result) {
			Runnable readmission = new Readmission(this.readmissions);
			result.r1 = this.group.eject(readmission, HALF);
		}

		@Actor
		public void otherLoop(LLL_Result result) {
			Runnable readmission = new Readmission(this.readmissions);
			result.r2 = this.group.eject(readmission, HALF);
		}

		@Arbiter
		public void end(LLL_Result result) {
			this.group.trim(HALF);
			result.r3 = this.readmissions.get();
		}

	}

	/** Of two that answer, one is to be ejected while the other one fails its probe. */
	@JCStressTest
	@Outcome(id = "true, 1, 1", expect = Expect.ACCEPTABLE, desc = "It was ejected, and is readmitted as the last one")
	@Outcome(id = "false, 0, 0", expect = Expect.ACCEPTABLE, desc = "It was the last one already")
	@Outcome(expect = Expect.FORBIDDEN, desc = "The last one stays ejected, or is readmitted twice")
	@State
	public static class EjectAndLeave {

		final GroupEjections group = new GroupEjections();

		final AtomicInteger readmissions = new AtomicInteger();

		public EjectAndLeave() {
			this.group.joined();
			this.group.joined();
		}

		@Actor
		public void loop(LLL_Result result) {
			Runnable readmission = new Readmission(this.readmissions);
			result.r1 = this.group.eject(readmission, HALF);
		}

		@Actor
		public void otherLoop(LLL_Result result) {
			this.group.left(new Readmission(this.readmissions), HALF);
		}

		@Arbiter
		public void end(LLL_Result result) {
			result.r2 = this.readmissions.get();
			this.group.trim(HALF);
			result.r3 = this.readmissions.get();
		}

	}

	/** What readmits an instance; each is another one, also when it does the same. */
	private static final class Readmission implements Runnable {

		private final AtomicInteger count;

		Readmission(AtomicInteger count) {
			this.count = count;
		}

		@Override
		public void run() {
			this.count.incrementAndGet();
		}

	}

}
