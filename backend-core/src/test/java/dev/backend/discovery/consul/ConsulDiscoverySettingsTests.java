package dev.backend.discovery.consul;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

import dev.backend.discovery.DiscoveryStatus.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ConsulDiscoverySettingsTests {

	private static final URI AGENT = URI.create("http://127.0.0.1:8500");

	@Test
	void whenNothingIsSetThenTheDefaultsApply() {
		ConsulDiscoverySettings settings = ConsulDiscoverySettings.builder(AGENT).tag(" ").token("").build();
		assertThat(settings.serviceNames()).isEmpty();
		assertThat(settings.tag()).isNull();
		assertThat(settings.token()).isNull();
		assertThat(settings.waitTime()).isEqualTo(Duration.ofSeconds(55));
		assertThat(settings.confirmationDelay()).isEqualTo(Duration.ofSeconds(8));
		assertThat(settings).hasToString("http://127.0.0.1:8500, services all, tag any");
	}

	@ParameterizedTest
	@ValueSource(strings = { "ftp://127.0.0.1:8500", "http://127.0.0.1", "http:///v1", "http://127.0.0.1:8500?a=b",
			"127.0.0.1" })
	void whenTheAddressIsIncompleteThenTheErrorSaysSo(String agent) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ConsulDiscoverySettings.builder(URI.create(agent)).build())
			.withMessage("agent of consul: %s (expected: http or https, host and port)".formatted(agent));
	}

	@Test
	void whenTheAddressHasAPasswordThenTheErrorDoesNot() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ConsulDiscoverySettings.builder(URI.create("http://user:secret@127.0.0.1:8500")).build())
			.withMessageNotContaining("secret");
	}

	@Test
	void whenTheTokenHasALineBreakThenTheErrorDoesNotShowIt() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ConsulDiscoverySettings.builder(AGENT).token("secret\r\nX: y").build())
			.withMessageContaining("token")
			.withMessageNotContaining("secret");
	}

	@Test
	void whenAValueIsOutOfItsRangeThenTheErrorNamesIt() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ConsulDiscoverySettings.builder(AGENT).waitTime(Duration.ZERO).build())
			.withMessage("waitTime of consul: PT0S (expected: 1s to 10m)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ConsulDiscoverySettings.builder(AGENT).maximumLongPolls(0).build())
			.withMessage("maximumLongPolls of consul: 0 (expected: 1 to 1000)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ConsulDiscoverySettings.builder(AGENT).serviceNames(Set.of("a", " ")).build())
			.withMessageContaining("no blank name");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ConsulDiscoverySettings.builder(AGENT)
				.retryInitialDelay(Duration.ofSeconds(2))
				.retryMaximumDelay(Duration.ofSeconds(1))
				.build())
			.withMessageContaining("retryInitialDelay");
	}

	@Test
	void whenTheDiscoveryHasNoSubscriberThenItDoesNothing() {
		ConsulServiceDiscovery discovery = new ConsulServiceDiscovery(ConsulDiscoverySettings.builder(AGENT).build());
		assertThat(discovery.status().state()).isEqualTo(State.STARTING);
		assertThat(discovery.status().source()).isEqualTo("consul at http://127.0.0.1:8500");
		discovery.close();
		assertThatIllegalStateException().isThrownBy(() -> discovery.subscribe((snapshot) -> {
		}));
	}

}
