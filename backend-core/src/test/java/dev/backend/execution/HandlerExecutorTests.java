package dev.backend.execution;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.backend.logging.FailureLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link HandlerExecutor} over an executor with a bound, and timers that run by hand.
 */
class HandlerExecutorTests {

	private final Queue<Runnable> submitted = new ArrayDeque<>();

	private int free;

	private int attempts;

	private final Timers timers = new Timers();

	private final HandlerExecutor handlers = new HandlerExecutor((task) -> {
		this.attempts++;
		if (this.free == 0) {
			throw new RejectedExecutionException("full");
		}
		this.free--;
		this.submitted.add(task);
	}, this.timers);

	private final List<String> ran = new ArrayList<>();

	@AfterEach
	void close() {
		this.timers.shutdownNow();
	}

	private void execute(String task) {
		new SerialExecutor(task, new FailureLog(System::nanoTime).of("game"), this.handlers)
			.execute(() -> this.ran.add(task));
	}

	private void runSubmitted() {
		for (Runnable next = this.submitted.poll(); next != null; next = this.submitted.poll()) {
			next.run();
		}
	}

	@Test
	void whenExecutorTakesTasksAgainThenThoseOfAllRunInTheOrderOfTheirRefusal() {
		execute("a");
		execute("b");
		execute("c");
		assertThat(this.timers.delays).hasSize(1);
		this.free = 3;
		this.timers.runNext();
		runSubmitted();
		assertThat(this.ran).containsExactly("a", "b", "c");
		assertThat(this.timers.waiting()).isZero();
	}

	@Test
	void whenExecutorStaysFullThenOneAttemptIsMadeAtATimeAndLessAndLessOften() {
		execute("a");
		execute("b");
		int before = this.attempts;
		for (int i = 0; i < 20; i++) {
			this.timers.runNext();
			assertThat(this.attempts).isEqualTo(before + i + 1);
			assertThat(this.timers.waiting()).isOne();
		}
		assertThat(this.timers.delays.get(0)).isLessThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(2));
		assertThat(this.timers.delays.get(20)).isBetween(TimeUnit.MILLISECONDS.toNanos(500),
				TimeUnit.SECONDS.toNanos(1));
	}

	@Test
	void whenExecutorTakesSomeThenTheOthersAreOfferedSoonAgain() {
		execute("a");
		execute("b");
		for (int i = 0; i < 20; i++) {
			this.timers.runNext();
		}
		this.free = 1;
		this.timers.runNext();
		assertThat(this.submitted).hasSize(1);
		assertThat(this.timers.delays.get(21)).isLessThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(2));
		this.free = 1;
		this.timers.runNext();
		runSubmitted();
		assertThat(this.ran).containsExactlyInAnyOrder("a", "b");
	}

	@Test
	void whenClosedThenNothingIsOfferedAnyMore() {
		execute("a");
		this.handlers.close();
		execute("b");
		assertThat(this.timers.waiting()).isZero();
	}

	/** Runs nothing by itself. */
	private static final class Timers extends ScheduledThreadPoolExecutor {

		private final List<Long> delays = new ArrayList<>();

		private final Queue<Runnable> tasks = new ArrayDeque<>();

		Timers() {
			super(1);
			setRemoveOnCancelPolicy(true);
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
			this.delays.add(unit.toNanos(delay));
			this.tasks.add(command);
			// What is returned is for cancellation only.
			return super.schedule(() -> {
			}, 1, TimeUnit.DAYS);
		}

		void runNext() {
			getQueue().clear();
			this.tasks.remove().run();
		}

		int waiting() {
			return getQueue().size();
		}

	}

}
