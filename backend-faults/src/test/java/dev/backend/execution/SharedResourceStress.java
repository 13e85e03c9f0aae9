package dev.backend.execution;

import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.execution.SharedResource.Share;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * The count of those who share a resource: nobody has one that was ended, and none is
 * left.
 */
final class SharedResourceStress {

	private SharedResourceStress() {
	}

	/** As a backend that stops while another one starts and stops. */
	@JCStressTest
	@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Both had the same one, which the last of them ended")
	@Outcome(id = "2, 2, 1", expect = Expect.ACCEPTABLE, desc = "The second one came too late and got its own")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is left, was ended twice, or was ended while it was used")
	@State
	public static class ReleaseAndAcquire {

		final AtomicInteger made = new AtomicInteger();

		final AtomicInteger ended = new AtomicInteger();

		final SharedResource<AtomicInteger> shared = new SharedResource<>(() -> {
			this.made.incrementAndGet();
			return new AtomicInteger(1);
		});

		final Share<AtomicInteger> first = this.shared.acquire();

		private void release(Share<AtomicInteger> share) {
			if (share.release()) {
				share.get().decrementAndGet();
				this.ended.incrementAndGet();
			}
		}

		@Actor
		public void stop(III_Result result) {
			release(this.first);
		}

		@Actor
		public void startAndStop(III_Result result) {
			Share<AtomicInteger> second = this.shared.acquire();
			result.r3 = second.get().get();
			release(second);
		}

		@Arbiter
		public void end(III_Result result) {
			result.r1 = this.made.get();
			result.r2 = this.ended.get();
		}

	}

}
