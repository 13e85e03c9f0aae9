package dev.backend.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.execution.PermitGate.Lane;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link PermitGate}, alone and with racing threads.
 */
@Timeout(60)
class PermitGateTests {

	private final List<String> granted = new ArrayList<>();

	private void acquire(PermitGate gate, Lane lane, String name) {
		gate.acquire(lane, () -> this.granted.add(name));
	}

	@Test
	void whenPermitsAreTakenThenTheEarlierLaneGoesFirstEachInItsOrder() {
		PermitGate gate = new PermitGate(1);
		acquire(gate, Lane.RETRY, "running");
		acquire(gate, Lane.HUNG, "hung 1");
		acquire(gate, Lane.RETRY, "retry 1");
		acquire(gate, Lane.FIRST, "first 1");
		acquire(gate, Lane.HUNG, "hung 2");
		acquire(gate, Lane.RETRY, "retry 2");
		acquire(gate, Lane.FIRST, "first 2");
		assertThat(this.granted).containsExactly("running");
		gate.release(Lane.RETRY);
		gate.release(Lane.FIRST);
		assertThat(this.granted).containsExactly("running", "first 1", "first 2");
		gate.release(Lane.FIRST);
		gate.release(Lane.RETRY);
		gate.release(Lane.RETRY);
		gate.release(Lane.HUNG);
		assertThat(this.granted).containsExactly("running", "first 1", "first 2", "retry 1", "retry 2", "hung 1",
				"hung 2");
	}

	@Test
	void whenDialsHangAgainThenHalfOfThePermitsIsLeftToOthers() {
		PermitGate gate = new PermitGate(4);
		for (int i = 0; i < 4; i++) {
			acquire(gate, Lane.HUNG, "hung " + i);
		}
		assertThat(this.granted).containsExactly("hung 0", "hung 1");
		acquire(gate, Lane.RETRY, "retry");
		acquire(gate, Lane.FIRST, "first 0");
		acquire(gate, Lane.FIRST, "first 1");
		assertThat(this.granted).containsExactly("hung 0", "hung 1", "retry", "first 0");
		gate.release(Lane.RETRY);
		gate.release(Lane.FIRST);
		assertThat(this.granted).endsWith("first 0", "first 1");
		gate.release(Lane.HUNG);
		assertThat(this.granted).endsWith("first 1", "hung 2");
		gate.release(Lane.FIRST);
		assertThat(this.granted).endsWith("hung 2");
		gate.release(Lane.HUNG);
		assertThat(this.granted).endsWith("hung 2", "hung 3");
	}

	@Test
	void whenAllIsReleasedThenAllPermitsAreThereAgain() {
		PermitGate gate = new PermitGate(2);
		for (int round = 0; round < 3; round++) {
			this.granted.clear();
			acquire(gate, Lane.FIRST, "a");
			acquire(gate, Lane.HUNG, "b");
			acquire(gate, Lane.FIRST, "c");
			assertThat(this.granted).containsExactly("a", "b");
			gate.release(Lane.FIRST);
			assertThat(this.granted).containsExactly("a", "b", "c");
			gate.release(Lane.HUNG);
			gate.release(Lane.FIRST);
		}
	}

	@Test
	void whenThreadsRaceThenPermitsAreNeitherExceededNorLost() throws Exception {
		int permits = 3;
		int dials = 20_000;
		PermitGate gate = new PermitGate(permits);
		AtomicInteger active = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		CountDownLatch ended = new CountDownLatch(dials);
		ExecutorService callers = Executors.newFixedThreadPool(4);
		ExecutorService dialers = Executors.newFixedThreadPool(4);
		try {
			Random random = new Random(7);
			for (int i = 0; i < dials; i++) {
				Lane lane = Lane.values()[random.nextInt(3)];
				callers.execute(() -> gate.acquire(lane, () -> dialers.execute(() -> {
					most.accumulateAndGet(active.incrementAndGet(), Math::max);
					Thread.yield();
					active.decrementAndGet();
					gate.release(lane);
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
			acquire(gate, Lane.FIRST, "" + i);
		}
		assertThat(this.granted).hasSize(permits);
	}

}
