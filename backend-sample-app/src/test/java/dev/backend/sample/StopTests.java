package dev.backend.sample;

import dev.backend.test.FreePorts;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@SlowTest
@ExtendWith(OutputCaptureExtension.class)
class StopTests {

	@Test
	void whenTheSampleStopsThenItIsQuiet(CapturedOutput output) {
		new SpringApplicationBuilder(SampleApplication.class)
			.run("--server.port=0", "--sample.redis.port=" + FreePorts.one())
			.close();
		assertThat(output).contains("pay-2 is stopped").doesNotContain(" WARN ", " ERROR ");
	}

}
