package dev.backend.execution;

import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link Dispatcher} with random callbacks on real threads, against what each mode
 * promises: exclusive ones alone and in their place, those of one key one after another,
 * and each exactly once.
 */
@Timeout(60)
class RandomDispatchTests {

	private static final ServiceLog LOG = new FailureLog(System::nanoTime).of("game");

	private static final int STEPS = 100_000;

	private static final int KEYS = 8;

	private static final int BOUND = 500;

	private final ExecutorService pool = Executors.newFixedThreadPool(4);

	private final AtomicLong submissions = new AtomicLong();

	/** One of so many submissions is refused; zero for none. */
	private int refusals;

	private final Dispatcher dispatcher = new Dispatcher("game-1", LOG, (task) -> {
		if (this.refusals > 0 && this.submissions.incrementAndGet() % this.refusals == 0) {
			throw new RejectedExecutionException("full");
		}
		this.pool.execute(task);
	});

	private final Semaphore room = new Semaphore(BOUND);

	private final Queue<String> errors = new ConcurrentLinkedQueue<>();

	private final AtomicIntegerArray calls = new AtomicIntegerArray(STEPS);

	private final AtomicInteger running = new AtomicInteger();

	private final AtomicInteger finished = new AtomicInteger();

	private final AtomicInteger mostAtOnce = new AtomicInteger();

	/** How many exclusive callbacks are done. */
	private final AtomicInteger exclusive = new AtomicInteger();

	private final AtomicIntegerArray handledOfKey = new AtomicIntegerArray(KEYS);

	@AfterEach
	void shutDown() {
		this.pool.shutdownNow();
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6 })
	void whenCallbacksComeAtRandomThenEachRunsOnceAndInItsPlace(long seed) throws Exception {
		SplittableRandom random = new SplittableRandom(seed);
		this.refusals = (seed % 2 == 0) ? 7 : 0;
		int exclusives = 0;
		int[] ofKey = new int[KEYS];
		for (int i = 0; i < STEPS; i++) {
			while (!this.room.tryAcquire(1, TimeUnit.MILLISECONDS)) {
				this.dispatcher.retry();
			}
			// Long stretches of either kind, as when the mode changes.
			if (random.nextInt(((i / 1000) % 4 == 3) ? 2 : 100) == 0) {
				int number = i;
				int before = exclusives++;
				this.dispatcher.execute(() -> runAlone(number, before));
			}
			else {
				int key = random.nextInt(KEYS * 2);
				this.dispatcher.execute(new Step(i, exclusives, key, (key < KEYS) ? ofKey[key]++ : 0));
			}
		}
		while (!this.room.tryAcquire(BOUND, 1, TimeUnit.MILLISECONDS)) {
			this.dispatcher.retry();
		}
		assertThat(this.errors).isEmpty();
		for (int i = 0; i < STEPS; i++) {
			assertThat(this.calls.get(i)).as("calls of step %d", i).isEqualTo(1);
		}
		for (int key = 0; key < KEYS; key++) {
			assertThat(this.handledOfKey.get(key)).isEqualTo(ofKey[key]);
		}
		assertThat(this.exclusive).hasValue(exclusives);
		assertThat(this.mostAtOnce).hasValueGreaterThan(1);
	}

	private void enter(int number) {
		this.calls.incrementAndGet(number);
		int running = this.running.incrementAndGet();
		this.mostAtOnce.accumulateAndGet(running, Math::max);
	}

	private void leave(int number) {
		this.running.decrementAndGet();
		this.finished.incrementAndGet();
		this.room.release();
		if (number % 997 == 0) {
			throw new IllegalStateException();
		}
	}

	private void runAlone(int number, int before) {
		enter(number);
		if (this.running.get() != 1 || this.finished.get() != number || this.exclusive.get() != before) {
			this.errors.add(
					"exclusive %d: %d running, %d finished".formatted(number, this.running.get(), this.finished.get()));
		}
		if (number % 5 == 0) {
			Thread.yield();
		}
		if (this.running.get() != 1) {
			this.errors.add("exclusive %d: not alone any more".formatted(number));
		}
		this.exclusive.incrementAndGet();
		this.running.decrementAndGet();
		this.finished.incrementAndGet();
		this.room.release();
	}

	private final class Step extends SharedTask {

		private final int number;

		private final int exclusivesBefore;

		private final int key;

		private final int numberOfKey;

		Step(int number, int exclusivesBefore, int key, int numberOfKey) {
			super(RandomDispatchTests.this.dispatcher, (key < KEYS) ? key : null);
			this.number = number;
			this.exclusivesBefore = exclusivesBefore;
			this.key = key;
			this.numberOfKey = numberOfKey;
		}

		@Override
		protected void call() {
			RandomDispatchTests test = RandomDispatchTests.this;
			test.enter(this.number);
			if (test.exclusive.get() != this.exclusivesBefore) {
				test.errors.add("shared %d beside an exclusive one".formatted(this.number));
			}
			if (this.number % 11 == 0) {
				Thread.yield();
			}
			// Two at once, or out of order, cannot both see their own number.
			if (this.key < KEYS && !test.handledOfKey.compareAndSet(this.key, this.numberOfKey, this.numberOfKey + 1)) {
				test.errors.add("shared %d: number %d of key %d after %d others".formatted(this.number,
						this.numberOfKey, this.key, test.handledOfKey.get(this.key)));
			}
			test.leave(this.number);
		}

		@Override
		protected void keyFailed(@Nullable Throwable ex) {
			RandomDispatchTests.this.errors.add("key failed: " + ex);
		}

	}

}
