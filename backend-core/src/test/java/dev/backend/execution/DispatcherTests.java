package dev.backend.execution;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link Dispatcher} over an executor that runs by hand.
 */
class DispatcherTests {

	private static final ServiceLog LOG = new FailureLog(System::nanoTime).of("game");

	private final Queue<Runnable> submitted = new ArrayDeque<>();

	private final List<String> ran = new ArrayList<>();

	private final List<String> keyFailures = new ArrayList<>();

	private boolean refusing;

	private final Executor executor = (task) -> {
		if (this.refusing) {
			throw new RejectedExecutionException("full");
		}
		this.submitted.add(task);
	};

	private final Dispatcher dispatcher = new Dispatcher("game-1", LOG, this.executor);

	private void share(@Nullable Object key, String name) {
		this.dispatcher.execute(new Recorded(key, name));
	}

	private void exclude(String name) {
		this.dispatcher.execute(() -> this.ran.add(name));
	}

	private Runnable next() {
		Runnable task = this.submitted.poll();
		assertThat(task).isNotNull();
		return task;
	}

	private void runAll() {
		for (Runnable task = this.submitted.poll(); task != null; task = this.submitted.poll()) {
			task.run();
		}
	}

	@Test
	void whenNothingIsSharedThenAllRunsInOneSubmission() {
		exclude("a");
		exclude("b");
		next().run();
		assertThat(this.ran).containsExactly("a", "b");
		assertThat(this.submitted).isEmpty();
	}

	@Test
	void whenExclusiveComesThenItWaitsForTheSharedBeforeItAndThoseAfterWaitForIt() {
		exclude("connected");
		share(null, "1");
		share(null, "2");
		exclude("disconnected");
		share(null, "3");
		exclude("removed");
		next().run();
		assertThat(this.ran).containsExactly("connected");
		assertThat(this.submitted).hasSize(2);
		Runnable first = next();
		next().run();
		next().run();
		assertThat(this.ran).containsExactly("connected", "2");
		assertThat(this.submitted).isEmpty();
		first.run();
		next().run();
		assertThat(this.ran).containsExactly("connected", "2", "1", "disconnected");
		runAll();
		assertThat(this.ran).containsExactly("connected", "2", "1", "disconnected", "3", "removed");
	}

	@Test
	void whenKeysAreEqualThenOneRunsAfterAnother() {
		share("a", "a1");
		share("a", "a2");
		share("b", "b1");
		share("a", "a3");
		next().run();
		assertThat(this.submitted).hasSize(2);
		Runnable a1 = next();
		next().run();
		assertThat(this.ran).containsExactly("b1");
		a1.run();
		assertThat(this.ran).containsExactly("b1", "a1");
		runAll();
		assertThat(this.ran).containsExactly("b1", "a1", "a2", "a3");
	}

	@Test
	void whenMoreThanABurstIsSharedThenOthersGetTheirTurnBetween() {
		for (int i = 0; i < 600; i++) {
			share(null, "" + i);
		}
		next().run();
		assertThat(this.submitted).hasSize(257);
		this.submitted.add(() -> this.ran.add("other"));
		while (!this.ran.contains("other")) {
			next().run();
		}
		assertThat(this.ran).hasSize(257);
		runAll();
		assertThat(this.ran).hasSize(601).doesNotHaveDuplicates();
	}

	@Test
	void whenExecutorRefusesThenSharedTasksRunInTheLane() {
		exclude("connected");
		share("a", "1");
		share(null, "2");
		share("a", "3");
		exclude("disconnected");
		this.refusing = true;
		next().run();
		assertThat(this.ran).containsExactlyInAnyOrder("connected", "1", "2", "3", "disconnected")
			.startsWith("connected")
			.endsWith("disconnected")
			.containsSubsequence("1", "3");
	}

	@Test
	void whenExecutorRefusesWhatComesBackThenItsThreadGoesOn() {
		share("a", "1");
		share("a", "2");
		exclude("disconnected");
		next().run();
		this.refusing = true;
		next().run();
		assertThat(this.ran).containsExactly("1", "2", "disconnected");
	}

	@Test
	void whenKeyThrowsThenItsMessageRunsAlone() {
		share(new BadKey(), "1");
		share(null, "2");
		share(new BadKey(), "3");
		share(null, "4");
		next().run();
		assertThat(this.ran).containsExactly("1");
		assertThat(this.submitted).hasSize(1);
		runAll();
		assertThat(this.ran).containsExactly("1", "2", "3", "4");
		assertThat(this.keyFailures).containsExactly("1", "3");
	}

	@Test
	void whenKeyChangesThenItsMessagesStillRun() {
		List<String> key = new ArrayList<>(List.of("a"));
		share(key, "1");
		share("other", "2");
		next().run();
		Runnable first = next();
		Runnable second = next();
		key.add("b");
		first.run();
		next().run();
		key.remove("b");
		share(key, "3");
		next().run();
		second.run();
		runAll();
		assertThat(this.ran).containsExactlyInAnyOrder("1", "2", "3");
	}

	@Test
	void whenTaskThrowsThenItCountsAsFinished() {
		this.dispatcher.execute(new SharedTask(this.dispatcher, "a") {
			@Override
			protected void call() {
				throw new IllegalStateException("expected by this test");
			}

			@Override
			protected void keyFailed(Throwable ex) {
			}
		});
		share("a", "2");
		exclude("disconnected");
		next().run();
		try {
			next().run();
		}
		catch (IllegalStateException ex) {
			this.ran.add(String.valueOf(ex.getMessage()));
		}
		runAll();
		assertThat(this.ran).containsExactly("expected by this test", "2", "disconnected");
	}

	@Test
	void whenKeysHaveNothingWaitingThenTheyAreForgotten() {
		SharedTasks tasks = new SharedTasks();
		Recorded first = new Recorded("a", "1");
		Recorded second = new Recorded("a", "2");
		Recorded other = new Recorded("b", "3");
		assertThat(tasks.add(first)).isTrue();
		assertThat(tasks.add(second)).isFalse();
		assertThat(tasks.add(other)).isTrue();
		assertThat(tasks.keys()).isEqualTo(2);
		assertThat(tasks.remove(first)).isSameAs(second);
		assertThat(tasks.keys()).isEqualTo(2);
		assertThat(tasks.remove(second)).isNull();
		assertThat(tasks.keys()).isEqualTo(1);
		assertThat(tasks.remove(other)).isNull();
		assertThat(tasks.keys()).isZero();
		assertThat(tasks.isEmpty()).isTrue();
	}

	private final class Recorded extends SharedTask {

		private final String name;

		Recorded(@Nullable Object key, String name) {
			super(DispatcherTests.this.dispatcher, key);
			this.name = name;
		}

		@Override
		protected void call() {
			DispatcherTests.this.ran.add(this.name);
		}

		@Override
		protected void keyFailed(Throwable ex) {
			DispatcherTests.this.keyFailures.add(this.name);
		}

	}

	private static final class BadKey {

		@Override
		public boolean equals(@Nullable Object other) {
			throw new IllegalStateException("expected by this test");
		}

		@Override
		public int hashCode() {
			throw new IllegalStateException("expected by this test");
		}

	}

}
