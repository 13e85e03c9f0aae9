package dev.backend.discovery.consul;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.backend.discovery.SnapshotRecorder;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What arrives while a discovery closes is nobody's any more, and no error.
 */
@SlowTest
@ExtendWith(OutputCaptureExtension.class)
class ConsulCloseTests {

	private static final int TIMES = 120;

	@Test
	void whenAnswersChangeWhileItClosesThenNothingIsLogged(CapturedOutput output) throws IOException {
		try (ConsulAgent agent = ConsulAgent.start()) {
			AtomicBoolean ended = new AtomicBoolean();
			CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
				for (int i = 0; !ended.get(); i++) {
					agent.register("game-" + i % 5, "game-" + i % 5, 7001 + i % 1000);
				}
			});
			for (int i = 0; i < TIMES; i++) {
				SnapshotRecorder recorder = new SnapshotRecorder();
				try (ConsulServiceDiscovery discovery = new ConsulServiceDiscovery(agent.settings())) {
					discovery.subscribe(recorder);
					await().pollInterval(Duration.ofMillis(1)).until(() -> recorder.count() > 0);
				}
			}
			ended.set(true);
			changes.join();
		}
		assertThat(output.getAll().lines()).noneMatch((line) -> line.contains(" WARN ") || line.contains(" ERROR "));
	}

}
