package dev.backend.execution;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.slf4j.LoggerFactory;

/**
 * The hand-over of tasks to a {@link SerialExecutor}: each runs once and alone, and none
 * is left behind when a run ends. What the tasks write is not volatile.
 */
final class SerialExecutorStress {

	private static final ServiceLog LOG = new FailureLog(System::nanoTime).of("game");

	private SerialExecutorStress() {
	}

	@JCStressTest
	@Outcome(id = "[ab]{2}, 1", expect = Expect.ACCEPTABLE, desc = "Both ran, by one submission")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, ran twice, or was submitted beside the other")
	@State
	public static class ExecuteAndExecute {

		final Tasks tasks = new Tasks(0);

		@Actor
		public void caller(LL_Result result) {
			this.tasks.execute("a");
		}

		@Actor
		public void otherCaller(LL_Result result) {
			this.tasks.execute("b");
		}

		@Arbiter
		public void end(LL_Result result) {
			this.tasks.end(result);
		}

	}

	/** A task comes as the run ends that was submitted for the one before. */
	@JCStressTest
	@Outcome(id = "ab, 1", expect = Expect.ACCEPTABLE, desc = "The run took it too")
	@Outcome(id = "ab, 2", expect = Expect.ACCEPTABLE, desc = "It was submitted anew")
	@Outcome(expect = Expect.FORBIDDEN, desc = "It is left behind, or ran twice, or too early")
	@State
	public static class ExecuteAndRunEnds {

		final Tasks tasks = new Tasks(0);

		public ExecuteAndRunEnds() {
			this.tasks.execute("a");
		}

		@Actor
		public void caller(LL_Result result) {
			this.tasks.execute("b");
		}

		@Actor
		public void worker(LL_Result result) {
			this.tasks.runAll();
		}

		@Arbiter
		public void end(LL_Result result) {
			this.tasks.end(result);
		}

	}

	/** An executor that took it twice offers two threads. */
	@JCStressTest
	@Outcome(id = "abc, 1", expect = Expect.ACCEPTABLE, desc = "Each ran once, in order")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One ran twice, not at all, or beside another")
	@State
	public static class RunAndRun {

		final Tasks tasks = new Tasks(0);

		public RunAndRun() {
			this.tasks.execute("a");
			this.tasks.execute("b");
			this.tasks.execute("c");
		}

		@Actor
		public void worker(LL_Result result) {
			this.tasks.executor.run();
		}

		@Actor
		public void otherWorker(LL_Result result) {
			this.tasks.executor.run();
		}

		@Arbiter
		public void end(LL_Result result) {
			this.tasks.end(result);
		}

	}

	/** The first submission is refused; the other caller may have relied on it. */
	@JCStressTest
	@Outcome(id = "[ab]{2}, [12]", expect = Expect.ACCEPTABLE, desc = "Both ran once, at the latest by the retry")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost although the executor takes tasks again")
	@State
	public static class ExecuteAndRefusal {

		final Tasks tasks = new Tasks(1);

		@Actor
		public void caller(LL_Result result) {
			this.tasks.execute("a");
		}

		@Actor
		public void otherCaller(LL_Result result) {
			this.tasks.execute("b");
		}

		@Arbiter
		public void end(LL_Result result) {
			this.tasks.executor.retry();
			this.tasks.end(result);
		}

	}

	@JCStressTest
	@Outcome(id = "[ab]{2}, [12]", expect = Expect.ACCEPTABLE, desc = "Both ran once")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, or ran twice")
	@State
	public static class ExecuteAndRetry {

		final Tasks tasks = new Tasks(1);

		public ExecuteAndRetry() {
			this.tasks.execute("a");
		}

		@Actor
		public void caller(LL_Result result) {
			this.tasks.execute("b");
			this.tasks.runAll();
		}

		@Actor
		public void tick(LL_Result result) {
			this.tasks.executor.retry();
			this.tasks.runAll();
		}

		@Arbiter
		public void end(LL_Result result) {
			this.tasks.end(result);
		}

	}

	/** Held until the last callback of another service was made. */
	@JCStressTest
	@Outcome(id = "ab, 1", expect = Expect.ACCEPTABLE, desc = "Both ran by the submission of the release")
	@Outcome(id = "ab, 2", expect = Expect.ACCEPTABLE, desc = "The second one came after the released run")
	@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, or ran twice, or before the release")
	@State
	public static class ExecuteAndRelease {

		final Tasks tasks = new Tasks(0);

		public ExecuteAndRelease() {
			this.tasks.executor.hold();
			this.tasks.execute("a");
			this.tasks.runAll();
		}

		@Actor
		public void caller(LL_Result result) {
			this.tasks.execute("b");
		}

		@Actor
		public void release(LL_Result result) {
			this.tasks.executor.release();
			this.tasks.runAll();
		}

		@Arbiter
		public void end(LL_Result result) {
			this.tasks.end(result);
		}

	}

	/** A serial executor whose threads are the actors. */
	static final class Tasks {

		static {
			// Each refusal is logged, and there are millions here.
			((Logger) LoggerFactory.getLogger(SerialExecutor.class)).setLevel(Level.ERROR);
		}

		private final Queue<Runnable> submitted = new ConcurrentLinkedQueue<>();

		private final AtomicInteger refusals;

		private final AtomicInteger submissions = new AtomicInteger();

		final SerialExecutor executor = new SerialExecutor("game-1", LOG, this::submit);

		/** Written by tasks only. */
		private String text = "";

		Tasks(int refusals) {
			this.refusals = new AtomicInteger(refusals);
		}

		private void submit(Runnable task) {
			if (this.refusals.getAndDecrement() > 0) {
				throw new RejectedExecutionException("expected by this test");
			}
			this.submissions.incrementAndGet();
			this.submitted.add(task);
		}

		void execute(String text) {
			this.executor.execute(() -> this.text += text);
		}

		void runAll() {
			for (Runnable next = this.submitted.poll(); next != null; next = this.submitted.poll()) {
				next.run();
			}
		}

		void end(LL_Result result) {
			runAll();
			result.r1 = this.text;
			result.r2 = this.submissions.get();
		}

	}

}
