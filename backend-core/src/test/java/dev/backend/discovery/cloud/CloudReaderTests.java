package dev.backend.discovery.cloud;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A read ends.
 */
class CloudReaderTests {

	@Test
	void whenAnErrorEndsNothingThenTheReadIsGivenUp() {
		StubClient client = new StubClient();
		client.put("game");
		client.failure = "game";
		SpringCloudDiscoverySettings settings = SpringCloudDiscoverySettings.defaults()
			.withServiceNames("game")
			.withResponseTimeout(Duration.ofMillis(200));
		try (CloudReader reader = new CloudReader(CloudClient.of(client), settings)) {
			assertThatExceptionOfType(CloudFailure.class).isThrownBy(() -> reader.read((failure) -> {
				throw new NoClassDefFoundError("Missing");
			}).block(Duration.ofSeconds(20))).withMessage("a read has not ended");
		}
	}

}
