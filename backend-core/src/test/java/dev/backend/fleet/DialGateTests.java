package dev.backend.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link DialGate}, alone and with racing threads.
 */
@Timeout(60)
class DialGateTests {

	private final List<String> granted = new ArrayList<>();

	private void acquire(DialGate gate, boolean retry, String name) {
		gate.acquire(retry, () -> this.granted.add(name));
	}

	@Test
	void whenPermitsAreTakenThenFirstDialsGoBeforeRetriesEachInTheirOrder() {
		DialGate gate = new DialGate(1);
		acquire(gate, true, "running");
		acquire(gate, true, "retry 1");
		acquire(gate, false, "first 1");
		acquire(gate, true, "retry 2");
		acquire(gate, false, "first 2");
		assertThat(this.granted).containsExactly("running");
		gate.release();
		assertThat(this.granted).containsExactly("running", "first 1");
		for (int i = 0; i < 4; i++) {
			gate.release();
		}
		assertThat(this.granted).containsExactly("running", "first 1", "first 2", "retry 1", "retry 2");
	}

	@Test
	void whenAllIsReleasedThenAllPermitsAreThereAgain() {
		DialGate gate = new DialGate(2);
		for (int round = 0; round < 3; round++) {
			this.granted.clear();
			acquire(gate, false, "a");
			acquire(gate, true, "b");
			acquire(gate, false, "c");
			assertThat(this.granted).containsExactly("a", "b");
			gate.release();
			assertThat(this.granted).containsExactly("a", "b", "c");
			gate.release();
			gate.release();
		}
	}

	@Test
	void whenThreadsRaceThenPermitsAreNeitherExceededNorLost() throws Exception {
		int permits = 3;
		int dials = 20_000;
		DialGate gate = new DialGate(permits);
		AtomicInteger active = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		CountDownLatch ended = new CountDownLatch(dials);
		ExecutorService callers = Executors.newFixedThreadPool(4);
		ExecutorService dialers = Executors.newFixedThreadPool(4);
		try {
			Random random = new Random(7);
			for (int i = 0; i < dials; i++) {
				boolean retry = random.nextBoolean();
				callers.execute(() -> gate.acquire(retry, () -> dialers.execute(() -> {
					most.accumulateAndGet(active.incrementAndGet(), Math::max);
					Thread.yield();
					active.decrementAndGet();
					gate.release();
					ended.countDown();
				})));
			}
			assertThat(ended.await(30, TimeUnit.SECONDS)).as("dials that never began: %s", ended).isTrue();
		}
		finally {
			callers.shutdownNow();
			dialers.shutdownNow();
		}
		assertThat(most.get()).isBetween(1, permits);
		for (int i = 0; i < permits + 1; i++) {
			acquire(gate, false, "" + i);
		}
		assertThat(this.granted).hasSize(permits);
	}

}
