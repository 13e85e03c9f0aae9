package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.RequestTimeoutException;
import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * Who settles a request: the event loop, or the caller who holds its future. What the
 * loop itself may do (reply, time-out, loss, refusal) it does one after another.
 */
final class RequestStress {

	private RequestStress() {
	}

	@JCStressTest
	@Outcome(id = "true, false, reply, 1", expect = Expect.ACCEPTABLE, desc = "The reply settled it")
	@Outcome(id = "false, true, cancelled, 1", expect = Expect.ACCEPTABLE, desc = "The caller cancelled it")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or one was told otherwise")
	@State
	public static class ReplyOrCancel {

		final Settled settled = new Settled(new RequestFuture<>(1L, Settled.MESSAGE, 0));

		@Actor
		public void loop(LLLL_Result result) {
			result.r1 = this.settled.request.reply(Settled.MESSAGE.reply("reply"));
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r2 = this.settled.request.cancel(false);
		}

		@Arbiter
		public void end(LLLL_Result result) {
			result.r3 = this.settled.end();
			result.r4 = this.settled.completions.get();
		}

	}

	@JCStressTest
	@Outcome(id = "true, false, timeout, 1", expect = Expect.ACCEPTABLE, desc = "The time-out settled it")
	@Outcome(id = "false, true, own, 1", expect = Expect.ACCEPTABLE, desc = "The caller completed it")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or one was told otherwise")
	@State
	public static class TimeoutOrOwnResult {

		final Settled settled = new Settled(new RequestFuture<>(1L, Settled.MESSAGE, 0));

		@Actor
		public void loop(LLLL_Result result) {
			result.r1 = this.settled.request.completeExceptionally(Settled.TIMEOUT);
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r2 = this.settled.request.complete(Settled.MESSAGE.reply("own"));
		}

		@Arbiter
		public void end(LLLL_Result result) {
			result.r3 = this.settled.end();
			result.r4 = this.settled.completions.get();
		}

	}

	@JCStressTest
	@Outcome(id = "true, false, REPLY reply, 1", expect = Expect.ACCEPTABLE, desc = "The reply settled it")
	@Outcome(id = "false, true, CANCELLED cancelled, 1", expect = Expect.ACCEPTABLE, desc = "The caller cancelled it")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or the observation was told otherwise")
	@State
	public static class ObservedReplyOrCancel {

		final Observed observed = new Observed();

		@Actor
		public void loop(LLLL_Result result) {
			result.r1 = this.observed.settled.request.reply(Settled.MESSAGE.reply("reply"));
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r2 = this.observed.settled.request.cancel(false);
		}

		@Arbiter
		public void end(LLLL_Result result) {
			result.r3 = this.observed.end();
			result.r4 = this.observed.settled.completions.get();
		}

	}

	@JCStressTest
	@Outcome(id = "true, false, TIMEOUT timeout, 1", expect = Expect.ACCEPTABLE, desc = "The time-out settled it")
	@Outcome(id = "false, true, CANCELLED own, 1", expect = Expect.ACCEPTABLE, desc = "The caller completed it")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or the observation was told otherwise")
	@State
	public static class ObservedTimeoutOrOwnResult {

		final Observed observed = new Observed();

		@Actor
		public void loop(LLLL_Result result) {
			result.r1 = this.observed.settled.request.completeExceptionally(Settled.TIMEOUT);
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r2 = this.observed.settled.request.complete(Settled.MESSAGE.reply("own"));
		}

		@Arbiter
		public void end(LLLL_Result result) {
			result.r3 = this.observed.end();
			result.r4 = this.observed.settled.completions.get();
		}

	}

	/** Two threads of the caller, and no loop. */
	@JCStressTest
	@Outcome(id = "CANCELLED own, true, false, 1", expect = Expect.ACCEPTABLE, desc = "It was completed")
	@Outcome(id = "CANCELLED cancelled, false, true, 1", expect = Expect.ACCEPTABLE, desc = "It was cancelled")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or the observation was told otherwise")
	@State
	public static class ObservedOwnResultOrCancel {

		final Observed observed = new Observed();

		@Actor
		public void caller(LLLL_Result result) {
			result.r2 = this.observed.settled.request.complete(Settled.MESSAGE.reply("own"));
		}

		@Actor
		public void otherCaller(LLLL_Result result) {
			result.r3 = this.observed.settled.request.cancel(false);
		}

		@Arbiter
		public void end(LLLL_Result result) {
			result.r1 = this.observed.end();
			result.r4 = this.observed.settled.completions.get();
		}

	}

	/** A request, and how often it was settled. */
	static final class Settled {

		static final Frame MESSAGE = Frame.request(1, "message");

		static final RequestTimeoutException TIMEOUT = new RequestTimeoutException("expected by this test", true);

		final RequestFuture<Frame> request;

		final AtomicInteger completions = new AtomicInteger();

		Settled(RequestFuture<Frame> request) {
			this.request = request;
			request.whenComplete((reply, failure) -> this.completions.incrementAndGet());
		}

		String end() {
			return RequestStress.end(this.request);
		}

	}

	/** A request with an observation that counts, too. */
	static final class Observed implements RequestObservation<Frame> {

		private static final ServiceLog LOG = new FailureLog(System::nanoTime).of("game");

		final Settled settled = new Settled(new ObservedRequest<>(LOG, this, 1L, Settled.MESSAGE, 0, 0));

		private final AtomicInteger told = new AtomicInteger();

		private volatile @Nullable RequestOutcome outcome;

		@Override
		public void ended(RequestOutcome outcome, @Nullable Throwable failure, long nanos) {
			this.told.incrementAndGet();
			this.outcome = outcome;
		}

		String end() {
			String outcome = (this.told.get() == 1) ? String.valueOf(this.outcome) : "told " + this.told + " times";
			return outcome + " " + this.settled.end();
		}

	}

	/** How a request has ended, in a word. */
	static String end(RequestFuture<Frame> request) {
		if (!request.isDone()) {
			return "pending";
		}
		if (request.isCancelled()) {
			return "cancelled";
		}
		return request.isCompletedExceptionally() ? "timeout" : request.join().text();
	}

}
