package dev.backend.execution;

import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class HandlerShareTests {

	private static final long LONG = TimeUnit.SECONDS.toNanos(20);

	private static boolean threadsLeft(String name) {
		return Thread.getAllStackTraces().keySet().stream().anyMatch((thread) -> thread.getName().startsWith(name));
	}

	/** Takes a thread until it is interrupted or let go. */
	private static final class Blocker implements Runnable {

		final CountDownLatch begun = new CountDownLatch(1);

		final CountDownLatch release = new CountDownLatch(1);

		final AtomicBoolean interrupted = new AtomicBoolean();

		final CountDownLatch ended = new CountDownLatch(1);

		@Override
		public void run() {
			this.begun.countDown();
			try {
				this.release.await();
			}
			catch (InterruptedException ex) {
				this.interrupted.set(true);
				Thread.currentThread().interrupt();
			}
			this.ended.countDown();
		}

	}

	/** Ends as soon as somebody interrupts it, whom that keeps until he is let go. */
	private static final class SlowlyInterrupted extends AbstractInterruptibleChannel implements Runnable {

		final CompletableFuture<Thread> begun = new CompletableFuture<>();

		final CountDownLatch interrupted = new CountDownLatch(1);

		final CountDownLatch ended = new CountDownLatch(1);

		final CountDownLatch release = new CountDownLatch(1);

		@Override
		public void run() {
			begin();
			this.begun.complete(Thread.currentThread());
			while (this.interrupted.getCount() > 0) {
				Thread.onSpinWait();
			}
			this.ended.countDown();
		}

		@Override
		protected void implCloseChannel() {
			this.interrupted.countDown();
			try {
				this.release.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

	}

	@Test
	void whenOneOwnerEndsThenItsTasksAreInterruptedAndDroppedAndNoOthers() throws Exception {
		HandlerThreads threads = new HandlerThreads("own", 2);
		HandlerShare ending = threads.acquire();
		HandlerShare staying = threads.acquire();
		Blocker own = new Blocker();
		Blocker others = new Blocker();
		ending.execute(own);
		staying.execute(others);
		own.begun.await();
		others.begun.await();
		AtomicBoolean droppedRan = new AtomicBoolean();
		AtomicBoolean startedInterrupted = new AtomicBoolean();
		CountDownLatch queuedRan = new CountDownLatch(1);
		ending.execute(() -> droppedRan.set(true));
		staying.execute(() -> {
			startedInterrupted.set(Thread.currentThread().isInterrupted());
			queuedRan.countDown();
		});
		ending.shutdown();
		assertThat(ending.awaitEnd(1)).isFalse();
		assertThat(ending.shutdownNow()).isOne();
		queuedRan.await();
		assertThat(own.interrupted).isTrue();
		assertThat(ending.awaitEnd(LONG)).isTrue();
		assertThat(ending.release()).isFalse();
		assertThat(startedInterrupted).isFalse();
		assertThat(droppedRan).isFalse();
		assertThat(others.interrupted).isFalse();
		others.release.countDown();
		staying.shutdown();
		assertThat(staying.awaitEnd(LONG)).isTrue();
		assertThat(others.interrupted).isFalse();
		assertThat(staying.release()).isTrue();
		staying.awaitThreads(LONG);
		await().until(() -> !threadsLeft("own-"));
	}

	@Test
	void whenShutDownThenWhatWasTakenRunsAndNothingElseIsTaken() throws Exception {
		HandlerThreads threads = new HandlerThreads("taken", 1);
		HandlerShare share = threads.acquire();
		Blocker first = new Blocker();
		AtomicInteger ran = new AtomicInteger();
		share.execute(first);
		share.execute(ran::incrementAndGet);
		share.shutdown();
		assertThatExceptionOfType(RejectedExecutionException.class)
			.isThrownBy(() -> share.execute(ran::incrementAndGet));
		first.release.countDown();
		assertThat(share.awaitEnd(LONG)).isTrue();
		assertThat(ran).hasValue(1);
		assertThat(share.release()).isTrue();
		assertThat(share.release()).isFalse();
		share.awaitThreads(LONG);
		await().until(() -> !threadsLeft("taken-"));
	}

	@Test
	void whenTheLastOwnerLeavesAStuckTaskThenTheThreadEndsWithIt() throws Exception {
		HandlerThreads threads = new HandlerThreads("stuck", 1);
		HandlerShare share = threads.acquire();
		CountDownLatch release = new CountDownLatch(1);
		CountDownLatch begun = new CountDownLatch(1);
		share.execute(() -> {
			begun.countDown();
			while (true) {
				try {
					release.await();
					return;
				}
				catch (InterruptedException ex) {
					// Does not heed it.
				}
			}
		});
		begun.await();
		share.shutdownNow();
		assertThat(share.awaitEnd(1)).isFalse();
		assertThat(share.release()).isTrue();
		HandlerShare next = threads.acquire();
		CountDownLatch ran = new CountDownLatch(1);
		next.execute(ran::countDown);
		ran.await();
		release.countDown();
		next.shutdown();
		assertThat(next.awaitEnd(LONG)).isTrue();
		next.release();
		await().until(() -> !threadsLeft("stuck-"));
	}

	@Test
	void whenATaskThrowsThenItIsDone() throws Exception {
		HandlerThreads threads = new HandlerThreads("throwing", 1);
		HandlerShare share = threads.acquire();
		share.execute(() -> {
			Thread.currentThread().setUncaughtExceptionHandler((thread, ex) -> {
			});
			throw new IllegalStateException("forced");
		});
		share.shutdown();
		assertThat(share.awaitEnd(LONG)).isTrue();
		share.release();
		await().until(() -> !threadsLeft("throwing-"));
	}

	@Test
	void whenShutDownWhileTasksComeThenEachRunsOrIsRefusedAndTheEndIsNotMissed() throws Exception {
		HandlerThreads threads = new HandlerThreads("racing", 2);
		HandlerShare staying = threads.acquire();
		for (int round = 0; round < 300; round++) {
			HandlerShare share = threads.acquire();
			AtomicInteger taken = new AtomicInteger();
			AtomicInteger ran = new AtomicInteger();
			Thread submitter = new Thread(() -> {
				try {
					while (true) {
						share.execute(ran::incrementAndGet);
						taken.incrementAndGet();
					}
				}
				catch (RejectedExecutionException ex) {
					// It is shut down.
				}
			});
			submitter.start();
			if (round % 2 == 0) {
				while (ran.get() == 0) {
					Thread.onSpinWait();
				}
			}
			share.shutdown();
			assertThat(share.awaitEnd(LONG)).isTrue();
			submitter.join();
			assertThat(ran.get()).isEqualTo(taken.get());
			assertThat(share.release()).isFalse();
		}
		staying.shutdown();
		assertThat(staying.release()).isTrue();
		await().until(() -> !threadsLeft("racing-"));
	}

	@Test
	void whenATaskEndsWhileItIsInterruptedThenItsThreadRunsNothingElseMeanwhile() throws Exception {
		HandlerThreads threads = new HandlerThreads("late", 1);
		HandlerShare ending = threads.acquire();
		HandlerShare staying = threads.acquire();
		SlowlyInterrupted task = new SlowlyInterrupted();
		ending.execute(task);
		CountDownLatch othersRan = new CountDownLatch(1);
		AtomicBoolean startedInterrupted = new AtomicBoolean();
		staying.execute(() -> {
			startedInterrupted.set(Thread.currentThread().isInterrupted());
			othersRan.countDown();
		});
		Thread worker = task.begun.get();
		Thread interrupter = new Thread(ending::shutdownNow);
		interrupter.start();
		task.ended.await();
		await().until(() -> worker.getState() == Thread.State.BLOCKED || othersRan.getCount() == 0);
		assertThat(othersRan.getCount()).isEqualTo(1);
		task.release.countDown();
		othersRan.await();
		interrupter.join();
		assertThat(startedInterrupted).isFalse();
		assertThat(ending.awaitEnd(LONG)).isTrue();
		ending.release();
		staying.shutdown();
		assertThat(staying.awaitEnd(LONG)).isTrue();
		assertThat(staying.release()).isTrue();
		await().until(() -> !threadsLeft("late-"));
	}

}
