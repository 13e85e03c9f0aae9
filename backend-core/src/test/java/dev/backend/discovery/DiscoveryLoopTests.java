package dev.backend.discovery;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.discovery.DiscoveryLoop.Repeated;
import dev.backend.test.VirtualTime;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link DiscoveryLoop}.
 */
class DiscoveryLoopTests {

	private static final Runnable NOTHING = () -> {
	};

	private final VirtualTime time = new VirtualTime();

	private final DiscoveryLoop virtual = new DiscoveryLoop("virtual", this.time, this.time::nanoTime);

	@Test
	void aStepIsRunAgainWhenItsDelayIsOverOrWhenWoken() {
		AtomicInteger runs = new AtomicInteger();
		Repeated repeated = this.virtual.repeat(() -> {
			runs.incrementAndGet();
			return Duration.ofSeconds(10);
		});
		this.time.run();
		assertThat(runs).hasValue(1);
		this.time.advance(Duration.ofSeconds(25));
		assertThat(runs).hasValue(3);
		repeated.wake();
		repeated.wake();
		this.time.run();
		assertThat(runs).hasValue(4);
		this.time.advance(Duration.ofSeconds(9));
		assertThat(runs).as("the delay begins anew").hasValue(4);
		this.time.advance(Duration.ofSeconds(1));
		assertThat(runs).hasValue(5);
	}

	@Test
	void whenWokenDuringARunThenThereIsAnother() {
		AtomicInteger runs = new AtomicInteger();
		AtomicReference<Repeated> repeated = new AtomicReference<>();
		repeated.set(this.virtual.repeat(() -> {
			if (runs.incrementAndGet() < 3) {
				repeated.get().wake();
			}
			return Duration.ofHours(1);
		}));
		this.time.run();
		assertThat(runs).hasValue(3);
	}

	@Test
	void whateverAStepThrowsItIsRunAgainAfterASecond() {
		List<Throwable> failures = List.of(new IllegalStateException("forced"), new StackOverflowError("forced"),
				new NoClassDefFoundError("forced"));
		AtomicInteger runs = new AtomicInteger();
		this.virtual.repeat(() -> {
			int run = runs.getAndIncrement();
			if (run < failures.size()) {
				DiscoveryLoopTests.<RuntimeException>sneak(failures.get(run));
			}
			return Duration.ofHours(1);
		});
		this.time.advance(Duration.ofSeconds(10));
		assertThat(runs).hasValue(4);
	}

	@Test
	void whenClosedThenWhatRunsIsInterruptedAndTheLastTaskIsRunOnItsThreadUninterrupted() throws Exception {
		DiscoveryLoop loop = new DiscoveryLoop("test-loop");
		CountDownLatch running = new CountDownLatch(1);
		List<String> events = new CopyOnWriteArrayList<>();
		loop.execute(() -> {
			running.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				events.add("interrupted");
				Thread.currentThread().interrupt();
			}
		});
		assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
		loop.schedule(() -> events.add("never"), Duration.ofMillis(1));
		loop.close(() -> events.add(Thread.currentThread().getName() + " " + Thread.currentThread().isInterrupted()));
		loop.join(Duration.ofSeconds(10));
		assertThat(events).containsExactly("interrupted", "test-loop false");
		loop.execute(() -> events.add("never"));
		loop.schedule(() -> events.add("never"), Duration.ZERO);
		assertThat(loop.closed()).isTrue();
		assertThat(events).hasSize(2);
	}

	@Test
	void whenClosedBeforeItsFirstTaskThenTheLastOneIsRunAllTheSame() {
		DiscoveryLoop loop = new DiscoveryLoop("test-loop");
		AtomicInteger runs = new AtomicInteger();
		loop.close(runs::incrementAndGet);
		loop.join(Duration.ofSeconds(10));
		await().untilAsserted(() -> assertThat(runs).hasValue(1));
		this.virtual.close(NOTHING);
		this.virtual.join(Duration.ZERO);
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> void sneak(Throwable failure) throws T {
		throw (T) failure;
	}

}
