package dev.backend.discovery.consul;

import java.io.IOException;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith(OutputCaptureExtension.class)
class ConsulHttpTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	@Test
	void whenAnErrorComesOutOfReadingAnAnswerThenTheQueryFailsAtOnce(CapturedOutput output) throws IOException {
		try (ConsulAgent agent = ConsulAgent.start(); ConsulHttp http = new ConsulHttp(agent.settings())) {
			assertThatExceptionOfType(ConsulFailure.class)
				.isThrownBy(() -> http.get("/v1/status/leader", (response) -> {
					throw new NoClassDefFoundError("forced");
				}).block(PATIENCE))
				.withMessage("an answer cannot be read: forced");
			assertThat(output).contains("consul at http://127.0.0.1:", "an answer cannot be read");
			assertThat(http.get("/v1/status/leader", (response) -> "read").block(PATIENCE)).isEqualTo("read");
		}
	}

}
