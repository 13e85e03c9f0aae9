package dev.backend.tcp;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.NoReplyException;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

/**
 * A caller ends its request beside the loop that writes it, reads its reply or finds it
 * due: it is settled once, and its slot and its id come back.
 */
final class GivenUpStress {

	private static final Frame REPLY = Frame.request(7, "").reply("reply");

	private GivenUpStress() {
	}

	/** The id is free, in whatever order the reply and the caller's end were seen. */
	@JCStressTest
	@Outcome(id = "reply, ab, 1, 1", expect = Expect.ACCEPTABLE, desc = "The reply settled it; its id is free")
	@Outcome(id = "cancelled, ab, 1, 1", expect = Expect.ACCEPTABLE, desc = "The caller was first; the reply freed it")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or its slot or its id is lost")
	@State
	public static class CancelAndReply {

		final Ended ended = new Ended().written();

		@Actor
		public void caller(LLLL_Result result) {
			this.ended.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.ended.link.runLoop();
			this.ended.link.read(REPLY);
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.ended.link.runLoop();
			this.ended.again("b");
			this.ended.report(result);
		}

	}

	/** Either way it is given up: its id is not free before its reply came. */
	@JCStressTest
	@Outcome(id = "timeout, ac, 1, 1", expect = Expect.ACCEPTABLE, desc = "It was due, and given up once")
	@Outcome(id = "cancelled, ac, 1, 1", expect = Expect.ACCEPTABLE, desc = "The caller was first, and it was given up")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, its slot is lost, or its id is free too early")
	@State
	public static class CancelAndDeadline {

		final Ended ended = new Ended().written();

		@Actor
		public void caller(LLLL_Result result) {
			this.ended.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.ended.link.runLoop();
			this.ended.link.sweep();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.ended.link.runLoop();
			this.ended.again("b");
			this.ended.link.read(REPLY);
			this.ended.again("c");
			this.ended.report(result);
		}

	}

	@JCStressTest
	@Outcome(id = "cancelled, b, 1, 1", expect = Expect.ACCEPTABLE, desc = "Never written: its id was not taken")
	@Outcome(id = "cancelled, a, 1, 0", expect = Expect.ACCEPTABLE, desc = "Written, and its id is in quarantine")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, its slot is lost, or its id is free too early")
	@State
	public static class CancelAndWrite {

		final Ended ended = new Ended();

		@Actor
		public void caller(LLLL_Result result) {
			this.ended.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.ended.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.ended.link.runLoop();
			this.ended.again("b");
			this.ended.report(result);
		}

	}

	@JCStressTest
	@Outcome(id = "noreply, b, 1, 1", expect = Expect.ACCEPTABLE, desc = "Never written: its id was not taken")
	@Outcome(id = "noreply, ab, 1, 1", expect = Expect.ACCEPTABLE, desc = "Written, and its id is free at once")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or its slot or its id is lost")
	@State
	public static class NoReplyAndWrite {

		final Ended ended = new Ended();

		@Actor
		public void caller(LLLL_Result result) {
			this.ended.endWithoutReply();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.ended.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.ended.link.runLoop();
			this.ended.again("b");
			this.ended.report(result);
		}

	}

	/** The first of two requests is given up while both replies come. */
	@JCStressTest
	@Outcome(id = "first, second, 1, 0", expect = Expect.ACCEPTABLE, desc = "Both have their replies")
	@Outcome(id = "cancelled, second, 1, 0", expect = Expect.ACCEPTABLE,
			desc = "The caller was first; its place was kept")
	@Outcome(expect = Expect.FORBIDDEN, desc = "Not settled once, or a reply met the wrong request")
	@State
	public static class InOrderCancelAndReplies {

		final Ended ended = new Ended(new InOrder());

		final @Nullable RequestFuture<Frame> second = this.ended.link.request("b");

		public InOrderCancelAndReplies() {
			this.ended.link.runLoop();
		}

		@Actor
		public void caller(LLLL_Result result) {
			this.ended.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.ended.link.read(Frame.request(0, "").reply("first"));
			this.ended.link.runLoop();
			this.ended.link.read(Frame.request(0, "").reply("second"));
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.ended.link.runLoop();
			this.ended.report(result);
			result.r2 = LinkStress.end(this.second);
		}

	}

	/** Two callers make requests, and the link numbers them. */
	@JCStressTest
	@Outcome(id = "pending, pending, a1b2, 2", expect = Expect.ACCEPTABLE, desc = "Each has an id, in their order")
	@Outcome(id = "pending, pending, b1a2, 2", expect = Expect.ACCEPTABLE, desc = "Each has an id, in their order")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One id is left out, or given out twice")
	@State
	public static class GiveOutIds {

		final StressLink link = new StressLink(new Numbered());

		@Nullable RequestFuture<Frame> first;

		@Nullable RequestFuture<Frame> second;

		@Actor
		public void caller(LLLL_Result result) {
			this.first = this.link.request("a");
		}

		@Actor
		public void otherCaller(LLLL_Result result) {
			this.second = this.link.request("b");
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.link.runLoop();
			result.r1 = LinkStress.end(this.first);
			result.r2 = LinkStress.end(this.second);
			result.r3 = this.link.written.toString();
			result.r4 = this.link.link.pendingRequests();
		}

	}

	/** Of two requests that are written, the first is cancelled; a third follows. */
	@JCStressTest
	@Outcome(id = "cancelled, a1b2c3, 1, 2", expect = Expect.ACCEPTABLE,
			desc = "It was written, and its id is not free")
	@Outcome(id = "cancelled, b1c2, 1, 2", expect = Expect.ACCEPTABLE, desc = "It was not written, and has no id")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One id is given out twice, or a slot is lost")
	@State
	public static class CancelAndGiveOutIds {

		final Ended ended = new Ended(new Numbered());

		public CancelAndGiveOutIds() {
			this.ended.link.request("b");
		}

		@Actor
		public void caller(LLLL_Result result) {
			this.ended.cancel();
		}

		@Actor
		public void loop(LLLL_Result result) {
			this.ended.link.runLoop();
		}

		@Arbiter
		public void end(LLLL_Result result) {
			this.ended.link.runLoop();
			this.ended.link.request("c");
			this.ended.link.runLoop();
			this.ended.report(result);
		}

	}

	/** Ids of two bits, which are written behind the text. */
	private static final class Numbered extends Frame.Codec {

		@Override
		public int idBits() {
			return 2;
		}

		@Override
		public void encode(Frame message, long id, ByteBuf out) throws Exception {
			encode(new Frame(message.kind(), id, message.text() + id), out);
		}

	}

	private static final class InOrder extends Frame.Codec {

		@Override
		public Correlation correlation() {
			return Correlation.IN_ORDER;
		}

	}

	/** A link, one request on it, and how often that was settled. */
	static final class Ended {

		final StressLink link;

		private final AtomicInteger completions = new AtomicInteger();

		private final RequestFuture<Frame> request;

		/** With the id 7. */
		Ended() {
			this.link = new StressLink();
			this.request = Objects.requireNonNull(this.link.request(7, "a"));
			this.request.whenComplete((reply, failure) -> this.completions.incrementAndGet());
		}

		Ended(Frame.Codec codec) {
			this.link = new StressLink(codec);
			this.request = Objects.requireNonNull(this.link.request("a"));
			this.request.whenComplete((reply, failure) -> this.completions.incrementAndGet());
		}

		Ended written() {
			this.link.runLoop();
			return this;
		}

		void cancel() {
			this.request.cancel(false);
		}

		void endWithoutReply() {
			this.request.completeExceptionally(new NoReplyException("expected by this test"));
		}

		/** A further request with the same id. */
		void again(String text) {
			this.link.request(7, text);
			this.link.runLoop();
		}

		void report(LLLL_Result result) {
			result.r1 = this.request.endedWithoutReply() ? "noreply" : LinkStress.end(this.request);
			result.r2 = this.link.written.toString();
			result.r3 = this.completions.get();
			result.r4 = this.link.link.pendingRequests();
		}

	}

}
