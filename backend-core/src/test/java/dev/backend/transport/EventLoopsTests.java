package dev.backend.transport;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@ExtendWith(OutputCaptureExtension.class)
class EventLoopsTests {

	@Test
	void whenALoopIsBusyWhileItIsToEndThenItEndsLaterAndThatIsNoError(CapturedOutput output)
			throws InterruptedException {
		EventLoops loops = EventLoops.of("busy", 1, Duration.ofSeconds(1), Duration.ZERO);
		CountDownLatch busy = new CountDownLatch(1);
		CountDownLatch free = new CountDownLatch(1);
		loops.next().execute(() -> {
			busy.countDown();
			try {
				free.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
		loops.closeLater();
		await().during(Duration.ofMillis(1500))
			.atMost(Duration.ofSeconds(10))
			.until(() -> !output.getAll().contains("LoopResources"));
		free.countDown();
		await().until(loops.group()::isTerminated);
	}

}
