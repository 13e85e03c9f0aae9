package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.ConnectionLostException;
import dev.backend.SendRejectedException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * A whole {@link Link} between its event loop and another thread: what is sent is written
 * or refused, once; each request is settled once, and counted as what it was.
 */
final class LinkStress {

	private LinkStress() {
	}

	/** The loop was woken for the first one, and comes to write. */
	@JCStressTest
	@Outcome(id = "true, ab, 0, true", expect = Expect.ACCEPTABLE, desc = "Both are written, in order")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, written twice, or waits for ever")
	@State
	public static class SendAndWrite {

		final StressLink link = new StressLink();

		public SendAndWrite() {
			this.link.send("a");
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.send("b");
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runLoop();
			result.r2 = this.link.written.toString();
			result.r3 = this.link.counters.dropped();
			result.r4 = this.link.counters.sentMessages() == 2;
		}

	}

	/** The first one is held back, because the peer has not taken what came before. */
	@JCStressTest
	@Outcome(id = "true, ab, 0, true", expect = Expect.ACCEPTABLE, desc = "Both are written, in order")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, written twice, or waits for ever")
	@State
	public static class SendAndWritableAgain {

		final StressLink link = new StressLink();

		public SendAndWritableAgain() {
			this.link.writable(false);
			this.link.send("a");
			this.link.runLoop();
		}

		@Actor
		public void caller(LLLL_Result result) {
			result.r1 = this.link.send("b");
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.writable(true);
			this.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runLoop();
			result.r2 = this.link.written.toString();
			result.r3 = this.link.counters.dropped();
			result.r4 = this.link.counters.sentMessages() == 2;
		}

	}

	@JCStressTest
	@Outcome(id = "refused, , 0, 0", expect = Expect.ACCEPTABLE, desc = "Sent after the end, and refused")
	@Outcome(id = "lost, , 1, 1", expect = Expect.ACCEPTABLE, desc = "Queued before the end, and lost unwritten")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Accepted and never settled, or settled twice")
	@State
	public static class RequestAndLoss {

		final OneRequest request = new OneRequest();

		@Actor
		public void caller(LLLL_Result result) {
			this.request.send();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.request.link.lose();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.request.link.runLoop();
			this.request.report(result);
			result.r4 = this.request.link.counters.lost();
		}

	}

	/** The connection is to close when nothing waits and nothing is pending. */
	@JCStressTest
	@Outcome(id = "refused, , 0, true", expect = Expect.ACCEPTABLE, desc = "Sent after the end, and refused")
	@Outcome(id = "lost, , 1, true", expect = Expect.ACCEPTABLE, desc = "Sent while it closed, and lost unwritten")
	@Outcome(id = "pending, a, 0, false", expect = Expect.ACCEPTABLE, desc = "Written, and its reply is awaited")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Accepted and never settled, or written and yet closed on purpose")
	@State
	public static class RequestAndDrain {

		final OneRequest request = new OneRequest();

		@Actor
		public void caller(LLLL_Result result) {
			this.request.send();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.request.link.drain();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.request.link.runLoop();
			this.request.report(result);
			result.r4 = this.request.link.closed();
		}

	}

	/** Two callers take the same id. */
	@JCStressTest
	@Outcome(id = "pending, refused, a, 1", expect = Expect.ACCEPTABLE, desc = "The first one has the id")
	@Outcome(id = "refused, pending, b, 1", expect = Expect.ACCEPTABLE, desc = "The second one has the id")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Both or none are written, or one is not settled")
	@State
	public static class SameIdTwice {

		final StressLink link = new StressLink();

		@Nullable RequestFuture<Frame> first;

		@Nullable RequestFuture<Frame> second;

		@Actor
		public void caller(LLLL_Result result) {
			this.first = this.link.request(7, "a");
		}

		@Actor
		public void otherCaller(LLLL_Result result) {
			this.second = this.link.request(7, "b");
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runLoop();
			result.r1 = LinkStress.end(this.first);
			result.r2 = LinkStress.end(this.second);
			result.r3 = this.link.written.toString();
			result.r4 = this.link.counters.rejected();
		}

	}

	/** It has the id of one that is pending, and is refused for that as it is written. */
	@JCStressTest
	@Outcome(id = "refused, b, 1, 1", expect = Expect.ACCEPTABLE, desc = "It was refused, and that is counted")
	@Outcome(id = "cancelled, b, 1, 0", expect = Expect.ACCEPTABLE, desc = "The caller was first")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or counted otherwise")
	@State
	public static class CancelAndRefusal {

		final OneRequest request = new OneRequest();

		public CancelAndRefusal() {
			this.request.link.request(7, "b");
			this.request.send();
		}

		@Actor
		public void caller(LLLL_Result result) {
			this.request.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.request.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.request.report(result);
			result.r4 = this.request.link.counters.rejected();
		}

	}

	@JCStressTest
	@Outcome(id = "cancelled, , 1, 0", expect = Expect.ACCEPTABLE, desc = "Cancelled in time: never written")
	@Outcome(id = "cancelled, a, 1, 0", expect = Expect.ACCEPTABLE, desc = "Written, and given up at once")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or pending for all that")
	@State
	public static class CancelAndWrite {

		final OneRequest request = new OneRequest();

		public CancelAndWrite() {
			this.request.send();
		}

		@Actor
		public void caller(LLLL_Result result) {
			this.request.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.request.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.request.link.runLoop();
			this.request.report(result);
			result.r4 = this.request.link.link.pendingRequests();
		}

	}

	@JCStressTest
	@Outcome(id = "timeout, a, 1, 1", expect = Expect.ACCEPTABLE, desc = "It timed out, and that is counted")
	@Outcome(id = "cancelled, a, 1, 0", expect = Expect.ACCEPTABLE, desc = "The caller was first")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or counted otherwise")
	@State
	public static class CancelAndTimeout {

		final OneRequest request = new OneRequest().written();

		@Actor
		public void caller(LLLL_Result result) {
			this.request.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.request.timeOut();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.request.report(result);
			result.r4 = this.request.link.counters.timeouts();
		}

	}

	/** The fourth figure: replies, unmatched ones, messages for the handler, losses. */
	@JCStressTest
	@Outcome(id = "reply, a, 1, 1 2 2 0", expect = Expect.ACCEPTABLE, desc = "The reply settled it; two match nothing")
	@Outcome(id = "cancelled, a, 1, 0 3 3 0", expect = Expect.ACCEPTABLE, desc = "The caller was first; three do")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, counted otherwise, or a message is lost")
	@State
	public static class CancelAndStorm {

		private static final Frame REPLY = Frame.request(7, "").reply("reply");

		private static final Frame UNKNOWN = Frame.request(8, "").reply("unknown");

		final OneRequest request = new OneRequest().written();

		@Actor
		public void caller(LLLL_Result result) {
			this.request.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.request.link.read(UNKNOWN);
			this.request.link.runHandler();
			this.request.link.read(REPLY);
			this.request.link.runHandler();
			this.request.link.read(REPLY);
			this.request.timeOut();
			this.request.link.lose();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.request.link.runHandler();
			this.request.report(result);
			TcpCounters counters = this.request.link.counters;
			result.r4 = "%d %d %d %d".formatted(counters.replies(), counters.unmatchedReplies(),
					this.request.link.handled.get(), counters.lost() + counters.timeouts());
		}

	}

	/**
	 * Of the two messages at which reading pauses, the handler finishes one. The other
	 * one is not handled here: if this wake-up is missed, there is no further one.
	 */
	@JCStressTest
	@Outcome(id = "true, 1, false, 0", expect = Expect.ACCEPTABLE, desc = "Reading goes on, and one message waits")
	@Outcome(id = "true, 2, false, 0", expect = Expect.ACCEPTABLE, desc = "Reading goes on, and no message waits")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Reading stays off although the handler has caught up")
	@State
	public static class PauseAndHandled {

		final StressLink link = new StressLink();

		public PauseAndHandled() {
			this.link.read(Frame.push("a"));
		}

		@Actor
		public void handler(LLLL_Result result) {
			// At the moment at which the loop is about to pause, as a rule.
			for (int i = 0; i < 500 && this.link.backlog().size() < 2; i++) {
				Thread.onSpinWait();
			}
			this.link.runHandler();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.link.read(Frame.push("b"));
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runLoop();
			result.r1 = this.link.reads();
			result.r2 = this.link.handled.get();
			result.r3 = this.link.link.readingPaused();
			result.r4 = this.link.counters.handlerErrors();
		}

	}

	/** How a request has ended, in a word. */
	static String end(@Nullable RequestFuture<Frame> request) {
		if (request == null) {
			return "refused";
		}
		if (!request.isDone() || !request.isCompletedExceptionally() || request.isCancelled()) {
			return RequestStress.end(request);
		}
		Throwable failure = request.handle((reply, ex) -> ex).join();
		if (failure instanceof SendRejectedException) {
			return "refused";
		}
		return (failure instanceof ConnectionLostException) ? "lost" : "timeout";
	}

	/** A link, one request on it, and how often that was settled. */
	static final class OneRequest {

		final StressLink link = new StressLink();

		final AtomicInteger completions = new AtomicInteger();

		private @Nullable RequestFuture<Frame> request;

		void send() {
			RequestFuture<Frame> request = this.link.request(7, "a");
			if (request != null) {
				request.whenComplete((reply, failure) -> this.completions.incrementAndGet());
			}
			this.request = request;
		}

		OneRequest written() {
			send();
			this.link.runLoop();
			return this;
		}

		void cancel() {
			if (this.request != null) {
				this.request.cancel(false);
			}
		}

		void timeOut() {
			if (this.request != null) {
				this.link.link.timeOut(this.request, true);
			}
		}

		void report(LLLL_Result result) {
			result.r1 = LinkStress.end(this.request);
			result.r2 = this.link.written.toString();
			result.r3 = this.completions.get();
		}

	}

}
