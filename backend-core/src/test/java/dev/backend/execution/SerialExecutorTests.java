package dev.backend.execution;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * {@link SerialExecutor} over an executor that runs by hand, and over real threads.
 */
@Timeout(60)
class SerialExecutorTests {

	private static final ServiceLog LOG = new FailureLog(System::nanoTime).of("game");

	private final Queue<Runnable> submitted = new ArrayDeque<>();

	private final SerialExecutor executor = new SerialExecutor("game-1", LOG, this.submitted::add);

	private final List<Integer> ran = new ArrayList<>();

	private void runSubmitted() {
		Runnable next = this.submitted.poll();
		assertThat(next).isNotNull();
		next.run();
	}

	@Test
	void tasksRunInTheirOrderBySingleSubmission() {
		for (int i = 0; i < 3; i++) {
			int number = i;
			this.executor.execute(() -> this.ran.add(number));
		}
		assertThat(this.ran).isEmpty();
		assertThat(this.submitted).hasSize(1);
		runSubmitted();
		assertThat(this.ran).containsExactly(0, 1, 2);
		assertThat(this.submitted).isEmpty();
		this.executor.execute(() -> this.ran.add(3));
		runSubmitted();
		assertThat(this.ran).containsExactly(0, 1, 2, 3);
	}

	@Test
	void whenTaskQueuesAnotherThenItRunsAfterwards() {
		this.executor.execute(() -> {
			this.executor.execute(() -> this.ran.add(2));
			this.ran.add(1);
		});
		runSubmitted();
		assertThat(this.ran).containsExactly(1, 2);
		assertThat(this.submitted).isEmpty();
	}

	@Test
	void whenTaskThrowsThenTheNextOneRuns() {
		this.executor.execute(() -> {
			throw new IllegalStateException("expected by this test");
		});
		this.executor.execute(() -> {
			throw new AssertionError("expected by this test");
		});
		this.executor.execute(() -> this.ran.add(1));
		runSubmitted();
		assertThat(this.ran).containsExactly(1);
	}

	@Test
	void whenManyTasksWaitThenOthersGetTheirTurnBetween() {
		for (int i = 0; i < 600; i++) {
			int number = i;
			this.executor.execute(() -> this.ran.add(number));
		}
		runSubmitted();
		assertThat(this.ran).hasSize(256);
		assertThat(this.submitted).hasSize(1);
		runSubmitted();
		runSubmitted();
		assertThat(this.ran).hasSize(600).isSorted();
		assertThat(this.submitted).isEmpty();
	}

	@Test
	void whenExecutorRefusesThenTasksRunWithTheNextOneThatItTakes() {
		AtomicInteger refusals = new AtomicInteger(1);
		SerialExecutor executor = new SerialExecutor("game-1", LOG, (task) -> {
			if (refusals.getAndDecrement() > 0) {
				throw new RejectedExecutionException("full");
			}
			this.submitted.add(task);
		});
		assertThatNoException().isThrownBy(() -> executor.execute(() -> this.ran.add(1)));
		executor.execute(() -> this.ran.add(2));
		executor.execute(() -> this.ran.add(3));
		assertThat(this.submitted).hasSize(1);
		runSubmitted();
		assertThat(this.ran).containsExactly(1, 2, 3);
	}

	@Test
	void whenThreadsRaceThenTasksRunOneAtATimeInTheOrderOfEachCaller() throws Exception {
		int callers = 4;
		int tasks = 20_000;
		ExecutorService pool = Executors.newFixedThreadPool(3);
		ExecutorService callerPool = Executors.newFixedThreadPool(callers);
		try {
			SerialExecutor executor = new SerialExecutor("game-1", LOG, pool);
			CountDownLatch done = new CountDownLatch(callers * tasks);
			AtomicInteger running = new AtomicInteger();
			List<String> errors = new ArrayList<>();
			int[] next = new int[callers];
			for (int i = 0; i < callers; i++) {
				int caller = i;
				callerPool.execute(() -> {
					for (int j = 0; j < tasks; j++) {
						int number = j;
						executor.execute(() -> {
							if (running.incrementAndGet() != 1 || next[caller]++ != number) {
								errors.add(caller + ": " + number);
							}
							running.decrementAndGet();
							done.countDown();
						});
					}
				});
			}
			assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
			assertThat(errors).isEmpty();
			assertThat(next).containsOnly(tasks);
		}
		finally {
			callerPool.shutdownNow();
			pool.shutdownNow();
		}
	}

	@Test
	void whenExecutorTookItAndThrowsAllTheSameThenNothingRunsTwice() {
		SerialExecutor executor = new SerialExecutor("game-1", LOG, (task) -> {
			this.submitted.add(task);
			throw new OutOfMemoryError("expected by this test");
		});
		executor.execute(() -> this.ran.add(1));
		executor.execute(() -> this.ran.add(2));
		assertThat(this.submitted).hasSize(2);
		runSubmitted();
		runSubmitted();
		assertThat(this.ran).containsExactly(1, 2);
	}

	@Test
	void whenThreadIsOfferedDuringARunThenItFindsNothingToDo() {
		this.executor.execute(() -> {
			this.executor.execute(() -> this.ran.add(2));
			this.executor.run();
			this.ran.add(1);
		});
		runSubmitted();
		assertThat(this.ran).containsExactly(1, 2);
	}

	@Test
	void whenExecutorTakesTasksAgainThenRetryRunsWhatItRefused() {
		AtomicInteger refusals = new AtomicInteger(2);
		SerialExecutor executor = new SerialExecutor("game-1", LOG, (task) -> {
			if (refusals.getAndDecrement() > 0) {
				throw new RejectedExecutionException("full");
			}
			this.submitted.add(task);
		});
		executor.retry();
		assertThat(refusals).hasValue(2);
		executor.execute(() -> this.ran.add(1));
		executor.retry();
		assertThat(this.submitted).isEmpty();
		executor.retry();
		executor.retry();
		assertThat(this.submitted).hasSize(1);
		runSubmitted();
		assertThat(this.ran).containsExactly(1);
	}

	/** The second task of each pair comes at about the moment when the run ends. */
	@Test
	void whenTasksComeAsTheLastRunEndsThenNoneIsLeftBehind() throws Exception {
		AtomicReference<@Nullable Runnable> submission = new AtomicReference<>();
		Thread worker = new Thread(() -> {
			while (!Thread.currentThread().isInterrupted()) {
				Runnable next = (submission.get() != null) ? submission.getAndSet(null) : null;
				if (next != null) {
					next.run();
				}
				else {
					Thread.yield();
				}
			}
		});
		worker.setDaemon(true);
		worker.start();
		try {
			SerialExecutor executor = new SerialExecutor("game-1", LOG,
					(task) -> assertThat(submission.getAndSet(task)).isNull());
			AtomicInteger done = new AtomicInteger();
			SplittableRandom random = new SplittableRandom(1);
			for (int i = 2; i <= 400_000; i += 2) {
				executor.execute(done::incrementAndGet);
				for (int j = random.nextInt(60); j > 0; j--) {
					done.get();
				}
				executor.execute(done::incrementAndGet);
				while (done.get() < i && !Thread.currentThread().isInterrupted()) {
					Thread.yield();
				}
			}
			assertThat(done).hasValue(400_000);
		}
		finally {
			worker.interrupt();
			worker.join();
		}
	}

	@Test
	void whenExecutorRefusesAtRandomThenEveryTaskRunsOnceInTheOrderOfItsCaller() throws Exception {
		int callers = 3;
		int tasks = 60_000;
		ExecutorService pool = Executors.newFixedThreadPool(3);
		ExecutorService callerPool = Executors.newFixedThreadPool(callers);
		try {
			AtomicLong submissions = new AtomicLong();
			SerialExecutor executor = new SerialExecutor("game-1", LOG, (task) -> {
				if (submissions.incrementAndGet() % 3 == 0) {
					throw new RejectedExecutionException("full");
				}
				pool.execute(task);
			});
			CountDownLatch done = new CountDownLatch(callers * tasks);
			AtomicInteger running = new AtomicInteger();
			Queue<String> errors = new ConcurrentLinkedQueue<>();
			int[] next = new int[callers];
			for (int i = 0; i < callers; i++) {
				int caller = i;
				callerPool.execute(() -> {
					SplittableRandom random = new SplittableRandom(caller);
					for (int j = 0; j < tasks; j++) {
						int number = j;
						executor.execute(() -> {
							if (running.incrementAndGet() != 1 || next[caller]++ != number) {
								errors.add(caller + ": " + number);
							}
							running.decrementAndGet();
							done.countDown();
						});
						if (random.nextInt(8) == 0) {
							Thread.yield();
						}
					}
				});
			}
			while (!done.await(1, TimeUnit.MILLISECONDS)) {
				executor.retry();
			}
			assertThat(errors).isEmpty();
			assertThat(next).containsOnly(tasks);
		}
		finally {
			callerPool.shutdownNow();
			pool.shutdownNow();
		}
	}

}
