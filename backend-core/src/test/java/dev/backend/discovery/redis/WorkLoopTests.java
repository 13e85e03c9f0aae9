package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WorkLoopTests {

	private static final Duration LONG = Duration.ofHours(1);

	private final Semaphore began = new Semaphore(0);

	private final Semaphore mayEnd = new Semaphore(0);

	private final AtomicInteger runs = new AtomicInteger();

	private final CountDownLatch exited = new CountDownLatch(1);

	private final WorkLoop loop = new WorkLoop("loop", this::work, this.exited::countDown);

	@AfterEach
	void stop() {
		this.loop.stop();
	}

	@Test
	void wakeUpsDuringARunCauseOneFurtherRun() throws InterruptedException {
		this.loop.start();
		this.began.acquire();
		for (int i = 0; i < 100; i++) {
			this.loop.wake();
		}
		this.mayEnd.release();
		this.began.acquire();
		assertThat(this.runs).hasValue(2);
		this.mayEnd.release();
		assertThat(this.began.tryAcquire(100, TimeUnit.MILLISECONDS)).isFalse();
	}

	@Test
	void whenTheTaskFailsThenTheLoopGoesOn() throws InterruptedException {
		WorkLoop failing = new WorkLoop("failing", () -> {
			this.began.release();
			throw new IllegalStateException("the task's own fault");
		}, () -> {
		});
		failing.start();
		this.began.acquire();
		failing.wake();
		assertThat(this.began.tryAcquire(5, TimeUnit.SECONDS)).isTrue();
		failing.stop();
	}

	@Test
	void whenStoppedThenTheExitRunsOnTheLoopsThread() throws InterruptedException {
		this.loop.start();
		this.began.acquire();
		this.loop.stop();
		assertThat(this.exited.await(5, TimeUnit.SECONDS)).isTrue();
		assertThat(this.loop.isStopped()).isTrue();
	}

	private Duration work() {
		this.runs.incrementAndGet();
		this.began.release();
		try {
			this.mayEnd.acquire();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return LONG;
	}

}
