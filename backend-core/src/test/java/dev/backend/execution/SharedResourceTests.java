package dev.backend.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.execution.SharedResource.Share;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(60)
class SharedResourceTests {

	private final AtomicInteger open = new AtomicInteger();

	private final AtomicInteger made = new AtomicInteger();

	private final SharedResource<Resource> shared = new SharedResource<>(() -> new Resource(this.open, this.made));

	private static final class Resource {

		private final AtomicInteger open;

		private final AtomicBoolean ended = new AtomicBoolean();

		Resource(AtomicInteger open, AtomicInteger made) {
			this.open = open;
			open.incrementAndGet();
			made.incrementAndGet();
		}

		void end() {
			assertThat(this.ended.compareAndSet(false, true)).isTrue();
			this.open.decrementAndGet();
		}

	}

	@Test
	void theLastOneEndsItAndTheNextOneGetsANewOne() {
		assertThat(this.made).hasValue(0);
		Share<Resource> first = this.shared.acquire();
		Share<Resource> second = this.shared.acquire();
		assertThat(first.get()).isSameAs(second.get());
		assertThat(first.release()).isFalse();
		assertThat(first.release()).isFalse();
		assertThat(second.release()).isTrue();
		assertThat(second.release()).isFalse();
		assertThat(this.shared.acquire().get()).isNotSameAs(first.get());
		assertThat(this.made).hasValue(2);
	}

	@Test
	void whenItCannotBeMadeThenTheNextOneTriesAgain() {
		AtomicBoolean fails = new AtomicBoolean(true);
		SharedResource<String> failing = new SharedResource<>(() -> {
			if (fails.get()) {
				throw new IllegalStateException("forced");
			}
			return "made";
		});
		assertThatIllegalStateException().isThrownBy(failing::acquire).withMessage("forced");
		fails.set(false);
		Share<String> share = failing.acquire();
		assertThat(share.get()).isEqualTo("made");
		assertThat(share.release()).isTrue();
	}

	@Test
	void whenManyTakeAndReleaseAtOnceThenNobodyHasAnEndedOneAndNoneIsLeft() throws Exception {
		int threads = 4;
		CyclicBarrier together = new CyclicBarrier(threads);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<Void>> all = new ArrayList<>();
			for (int seed = 0; seed < threads; seed++) {
				Random random = new Random(seed);
				Callable<Void> user = () -> {
					together.await();
					for (int i = 0; i < 50_000; i++) {
						use(random);
					}
					return null;
				};
				all.add(executor.submit(user));
			}
			for (Future<Void> future : all) {
				future.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(this.open).hasValue(0);
		assertThat(this.made).hasValueGreaterThan(1);
	}

	private void use(Random random) {
		Share<Resource> share = this.shared.acquire();
		for (int i = random.nextInt(3); i > 0; i--) {
			Thread.onSpinWait();
		}
		if (share.get().ended.get()) {
			throw new AssertionError("ended while it was used");
		}
		if (share.release()) {
			share.get().end();
		}
	}

}
