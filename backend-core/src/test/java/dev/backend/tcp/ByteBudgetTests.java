package dev.backend.tcp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static dev.backend.tcp.ByteBudget.SHARE;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link ByteBudget} alone.
 */
class ByteBudgetTests {

	private final AtomicLong bound = new AtomicLong(1_000_000);

	private final ByteBudget budget = new ByteBudget(this.bound::get);

	private final List<String> told = new ArrayList<>();

	private ByteBudget.Reader reader(String name) {
		return () -> this.told.add(name);
	}

	@Test
	void whenTheBoundIsReachedThenOnlyThoseAboveTheirShareAreRefused() {
		this.budget.add(999_999);
		assertThat(this.budget.refuses(SHARE)).isFalse();
		this.budget.add(1);
		assertThat(this.budget.refuses(SHARE)).isTrue();
		assertThat(this.budget.refuses(SHARE - 1)).isFalse();
		assertThat(this.budget.left(SHARE - 10)).isEqualTo(10);
		this.budget.add(-1);
		assertThat(this.budget.refuses(SHARE)).isFalse();
		assertThat(this.budget.left(SHARE)).isOne();
	}

	@Test
	void whenThereIsNoBoundThenNothingIsRefused() {
		this.bound.set(0);
		this.budget.add(Integer.MAX_VALUE);
		assertThat(this.budget.bounded()).isFalse();
		assertThat(this.budget.refuses(Integer.MAX_VALUE)).isFalse();
	}

	@Test
	void whenAllAreFullThenEachHasItsTurnInTheOrderOfArrival() {
		this.budget.add(2_000_000);
		ByteBudget.Reader first = reader("first");
		ByteBudget.Reader second = reader("second");
		ByteBudget.Reader third = reader("third");
		assertThat(this.budget.enter(first)).isTrue();
		assertThat(this.budget.enter(second)).isFalse();
		assertThat(this.budget.enter(third)).isFalse();
		assertThat(this.budget.enter(first)).isTrue();
		this.budget.leave(first);
		assertThat(this.told).containsExactly("second");
		assertThat(this.budget.enter(second)).isTrue();
		assertThat(this.budget.enter(first)).isFalse();
		this.budget.leave(third);
		this.budget.leave(second);
		assertThat(this.told).containsExactly("second", "first");
	}

	@Test
	void whenBytesAreGivenBackThenAllReadOn() {
		this.budget.add(1_000_000);
		this.budget.enter(reader("first"));
		this.budget.enter(reader("second"));
		this.budget.enter(reader("third"));
		this.budget.add(-100_000);
		assertThat(this.told).isEmpty();
		this.budget.add(-25_000);
		assertThat(this.told).containsExactly("second", "third");
	}

	@Test
	void whenTheBoundIsRaisedOrTakenAwayThenAllReadOn() {
		this.budget.add(1_000_000);
		this.budget.enter(reader("first"));
		this.budget.enter(reader("second"));
		this.bound.set(2_000_000);
		this.budget.tellAllIfLow();
		assertThat(this.told).containsExactly("second");
		this.bound.set(500_000);
		this.budget.enter(reader("third"));
		this.bound.set(0);
		this.budget.tellAllIfLow();
		assertThat(this.told).containsExactly("second", "third");
	}

	/**
	 * Connections with large frames that need more bytes to be rid of those they hold.
	 */
	@Test
	void whenManyReceiveLargeFramesThenAllAreReceivedWithinTheBoundAndOneFrameMore() {
		int frame = 800_000;
		int connections = 20;
		for (int seed = 0; seed < 200; seed++) {
			Queue<Receiving> readable = new ArrayDeque<>();
			ByteBudget budget = new ByteBudget(this.bound::get);
			List<Receiving> all = new ArrayList<>();
			for (int i = 0; i < connections; i++) {
				Receiving receiving = new Receiving(budget, readable, frame, 3);
				all.add(receiving);
				readable.add(receiving);
			}
			SplittableRandom random = new SplittableRandom(seed);
			while (!readable.isEmpty()) {
				for (int i = random.nextInt(readable.size()); i > 0; i--) {
					readable.add(readable.remove());
				}
				readable.remove().read(1 + random.nextInt(SHARE), random.nextInt(200) == 0);
				assertThat(budget.held()).isBetween(0L, this.bound.get() + frame + (long) connections * 2 * SHARE);
			}
			assertThat(all).allMatch((receiving) -> receiving.frames == 0);
			assertThat(budget.held()).isZero();
		}
	}

	/** As an {@link InboundShare}, by one thread. */
	private static final class Receiving implements ByteBudget.Reader {

		private final ByteBudget budget;

		private final Queue<Receiving> readable;

		private final int frame;

		private int frames;

		private int held;

		private boolean entered;

		Receiving(ByteBudget budget, Queue<Receiving> readable, int frame, int frames) {
			this.budget = budget;
			this.readable = readable;
			this.frame = frame;
			this.frames = frames;
		}

		void read(int bytes, boolean lost) {
			int now = this.held + bytes;
			if (lost || now >= this.frame) {
				this.frames--;
				now = 0;
			}
			this.budget.add(now - this.held);
			this.held = now;
			boolean reads = true;
			if (this.budget.refuses(now)) {
				this.entered = true;
				reads = this.budget.enter(this);
			}
			else if (this.entered) {
				this.entered = false;
				this.budget.leave(this);
			}
			if (reads && this.frames > 0) {
				this.readable.add(this);
			}
		}

		@Override
		public void readOn() {
			this.readable.add(this);
		}

	}

}
