package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.SendResult;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * The hand-over from callers to the event loop: nothing lost, nothing twice, each
 * caller's order kept, and no wake-up missed.
 */
final class OutboundQueueStress {

	private OutboundQueueStress() {
	}

	@JCStressTest
	@Outcome(id = "ACCEPTED, ACCEPTED, 1, ab", expect = Expect.ACCEPTABLE, desc = "Both queued, one of them woke")
	@Outcome(id = "ACCEPTED, ACCEPTED, 1, ba", expect = Expect.ACCEPTABLE, desc = "Both queued, one of them woke")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, or there is not one wake-up")
	@State
	public static class PushAndPush {

		final Queue queue = new Queue();

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.queue.push("a", 10);
		}

		@Actor
		public void otherCaller(LLLL_Result result) {
			result.r2 = this.queue.push("b", 10);
		}

		@Arbiter
		public void loop(LLLL_Result result) {
			result.r3 = this.queue.wakeUps.get();
			result.r4 = this.queue.take();
		}

	}

	@JCStressTest
	@Outcome(id = "ACCEPTED, QUEUE_FULL, 1, a", expect = Expect.ACCEPTABLE, desc = "The first one had the place")
	@Outcome(id = "QUEUE_FULL, ACCEPTED, 1, b", expect = Expect.ACCEPTABLE, desc = "The second one had the place")
	@Outcome(expect = Expect.FORBIDDEN, desc = "The bound does not hold, or refuses both")
	@State
	public static class PushAndPushAtTheBound {

		final Queue queue = new Queue();

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.queue.push("a", 1);
		}

		@Actor
		public void otherCaller(LLLL_Result result) {
			result.r2 = this.queue.push("b", 1);
		}

		@Arbiter
		public void loop(LLLL_Result result) {
			result.r3 = this.queue.wakeUps.get();
			result.r4 = this.queue.take();
		}

	}

	/** The loop has been woken for the first one and comes for it. */
	@JCStressTest
	@Outcome(id = "ACCEPTED, ab, 1, -", expect = Expect.ACCEPTABLE, desc = "Both go in one batch")
	@Outcome(id = "ACCEPTED, a, 2, b", expect = Expect.ACCEPTABLE, desc = "The second one came later, and woke again")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, out of order, or waits without a wake-up")
	@State
	public static class PushAndTake {

		final Queue queue = new Queue();

		public PushAndTake() {
			this.queue.push("a", 10);
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.queue.push("b", 10);
		}

		@Actor
		public void loop(LLLL_Result result) {
			result.r2 = this.queue.take();
		}

		@Arbiter
		public void wokenAgain(LLLL_Result result) {
			result.r3 = this.queue.wakeUps.get();
			result.r4 = this.queue.take();
		}

	}

	@JCStressTest
	@Outcome(id = "ACCEPTED, -, 1, ab", expect = Expect.ACCEPTABLE, desc = "The loop came too early")
	@Outcome(id = "ACCEPTED, a, 2, b", expect = Expect.ACCEPTABLE, desc = "The loop came between, and was woken again")
	@Outcome(id = "ACCEPTED, ab, 1, -", expect = Expect.ACCEPTABLE, desc = "The loop came after both")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, out of order, or waits without a wake-up")
	@State
	public static class PushTwiceAndTake {

		final Queue queue = new Queue();

		@Actor
		public void caller(LLLL_Result result) {
			this.queue.push("a", 10);
			result.r1 = this.queue.push("b", 10);
		}

		@Actor
		public void loop(LLLL_Result result) {
			result.r2 = this.queue.take();
		}

		@Arbiter
		public void wokenAgain(LLLL_Result result) {
			result.r3 = this.queue.wakeUps.get();
			result.r4 = this.queue.take();
		}

	}

	/** The loop takes what it cannot write, and counts it against the bound of one. */
	@JCStressTest
	@Outcome(id = "QUEUE_FULL, a, 1, -", expect = Expect.ACCEPTABLE, desc = "The bound was seen")
	@Outcome(id = "ACCEPTED, a, 2, b", expect = Expect.ACCEPTABLE,
			desc = "It came while the first was in neither count: twice the bound, not more")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, or the bound is exceeded further")
	@State
	public static class PushAndHoldAtTheBound {

		final Queue queue = new Queue();

		public PushAndHoldAtTheBound() {
			this.queue.push("a", 1);
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.queue.push("b", 1);
		}

		@Actor
		public void loop(LLLL_Result result) {
			result.r2 = this.queue.take();
			this.queue.queue.backlog(1);
		}

		@Arbiter
		public void end(LLLL_Result result) {
			result.r3 = this.queue.queue.size();
			result.r4 = this.queue.take();
		}

	}

	@JCStressTest
	@Outcome(id = "ACCEPTED, ab, 1, -", expect = Expect.ACCEPTABLE, desc = "Both are handed out by the end")
	@Outcome(id = "NOT_CONNECTED, a, 1, -", expect = Expect.ACCEPTABLE, desc = "The second one was refused")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is accepted and lost, or refused and handed out")
	@State
	public static class PushAndClose {

		final Queue queue = new Queue();

		public PushAndClose() {
			this.queue.push("a", 10);
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.queue.push("b", 10);
		}

		@Actor
		public void loop(LLLL_Result result) {
			result.r2 = Queue.texts(this.queue.queue.close());
		}

		@Arbiter
		public void end(LLLL_Result result) {
			result.r3 = this.queue.wakeUps.get();
			result.r4 = this.queue.take();
		}

	}

	/** A queue that counts its wake-ups. */
	static final class Queue {

		final OutboundQueue<String> queue = new OutboundQueue<>();

		final AtomicInteger wakeUps = new AtomicInteger();

		SendResult push(String text, int bound) {
			return this.queue.push(new OutboundMessage<>(text), bound, this.wakeUps::incrementAndGet);
		}

		String take() {
			return texts(this.queue.takeAll());
		}

		static String texts(@Nullable Outbound<String> oldest) {
			String texts = "";
			for (Outbound<String> node = oldest; node != null; node = node.next()) {
				texts += ((OutboundMessage<String>) node).message();
			}
			return texts.isEmpty() ? "-" : texts;
		}

	}

}
