package dev.backend.execution;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * The hand-over of callbacks between the lane and the threads that run them. What the
 * callbacks write is not volatile: order among them must make it visible.
 */
final class DispatcherStress {

	private static final ServiceLog LOG = new FailureLog(System::nanoTime).of("game");

	private DispatcherStress() {
	}

	/** A shared one runs and comes back while an exclusive one arrives. */
	@JCStressTest
	@Outcome(id = "aX", expect = Expect.ACCEPTABLE, desc = "The exclusive one ran once, after the shared one")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, or they ran out of order or at the same time")
	@State
	public static class SharedThenExclusive {

		final Lane lane = new Lane();

		public SharedThenExclusive() {
			this.lane.shared("a", null);
			this.lane.runNext();
		}

		@Actor
		public void handler(L_Result result) {
			this.lane.runAll();
		}

		@Actor
		public void loop(L_Result result) {
			this.lane.exclusive("X");
			this.lane.runAll();
		}

		@Arbiter
		public void end(L_Result result) {
			this.lane.runAll();
			result.r1 = this.lane.text;
		}

	}

	/** The second of one key arrives while the first runs and comes back. */
	@JCStressTest
	@Outcome(id = "ab", expect = Expect.ACCEPTABLE, desc = "Both ran once, in order")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, or they ran out of order or at the same time")
	@State
	public static class SameKey {

		final Lane lane = new Lane();

		public SameKey() {
			this.lane.shared("a", "key");
			this.lane.runNext();
		}

		@Actor
		public void handler(L_Result result) {
			this.lane.runAll();
		}

		@Actor
		public void loop(L_Result result) {
			this.lane.shared("b", "key");
			this.lane.runAll();
		}

		@Arbiter
		public void end(L_Result result) {
			this.lane.runAll();
			result.r1 = this.lane.text;
		}

	}

	/** What is held behind an exclusive one goes on when the last shared one is back. */
	@JCStressTest
	@Outcome(id = "aXb", expect = Expect.ACCEPTABLE, desc = "All ran once, in order")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, or they ran out of order or at the same time")
	@State
	public static class HeldBehindExclusive {

		final Lane lane = new Lane();

		public HeldBehindExclusive() {
			this.lane.shared("a", null);
			this.lane.runNext();
			this.lane.exclusive("X");
		}

		@Actor
		public void handler(L_Result result) {
			this.lane.runAll();
		}

		@Actor
		public void loop(L_Result result) {
			this.lane.shared("b", null);
			this.lane.runAll();
		}

		@Arbiter
		public void end(L_Result result) {
			this.lane.runAll();
			result.r1 = this.lane.text;
		}

	}

	/** A dispatcher whose executor's threads are the actors. */
	static final class Lane {

		private final Queue<Runnable> submitted = new ConcurrentLinkedQueue<>();

		private final Dispatcher dispatcher = new Dispatcher("game-1", LOG, this.submitted::add);

		/** Written by callbacks only. */
		String text = "";

		void exclusive(String text) {
			this.dispatcher.execute(() -> this.text += text);
		}

		void shared(String text, @Nullable Object key) {
			this.dispatcher.execute(new SharedTask(this.dispatcher, key) {
				@Override
				protected void call() {
					Lane.this.text += text;
				}

				@Override
				protected void keyFailed(Throwable ex) {
					throw new IllegalStateException(ex);
				}
			});
		}

		void runNext() {
			Runnable next = this.submitted.poll();
			if (next != null) {
				next.run();
			}
		}

		void runAll() {
			for (Runnable next = this.submitted.poll(); next != null; next = this.submitted.poll()) {
				next.run();
			}
		}

	}

}
