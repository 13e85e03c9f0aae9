package dev.backend.discovery.consul;

import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Set;

import javax.net.ssl.SSLContext;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.InstanceRules;
import dev.backend.settings.RetryDelays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ConsulDiscoverySettingsTests {

	private static final URI AGENT = URI.create("http://127.0.0.1:8500");

	private final ConsulDiscoverySettings settings = ConsulDiscoverySettings.defaults(AGENT);

	private final ConsulTimings timings = ConsulTimings.defaults();

	@Test
	void whenNothingIsSetThenTheDefaultsApply() {
		assertThat(this.settings.serviceNames()).isEmpty();
		assertThat(this.settings.tag()).isNull();
		assertThat(this.settings.access().token()).isNull();
		assertThat(this.timings.waitTime()).isEqualTo(Duration.ofSeconds(55));
		assertThat(this.timings.confirmationDelay()).isEqualTo(Duration.ofSeconds(8));
		assertThat(this.settings.limits()).isEqualTo(new ConsulLimits(100, 1000));
	}

	@Test
	void aBlankTagOrTokenIsNone() {
		assertThat(this.settings.withTag(" ")).isEqualTo(this.settings);
		assertThat(ConsulAccess.of(AGENT).withToken("")).isEqualTo(ConsulAccess.of(AGENT));
	}

	@ParameterizedTest
	@ValueSource(strings = { "ftp://127.0.0.1:8500", "http://127.0.0.1", "http:///v1", "http://127.0.0.1:8500?a=b",
			"127.0.0.1" })
	void whenTheAddressIsIncompleteThenTheErrorSaysSo(String agent) {
		assertRefused(() -> ConsulDiscoverySettings.defaults(URI.create(agent)),
				"agent: %s (expected: http or https, host and port)".formatted(agent));
	}

	@Test
	void whenTheAddressHasAPasswordThenTheErrorDoesNot() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ConsulAccess.of(URI.create("http://user:secret@127.0.0.1:8500")))
			.withMessageNotContaining("secret");
	}

	@Test
	void whenTheTokenHasALineBreakThenTheErrorDoesNotShowIt() {
		assertThatIllegalArgumentException().isThrownBy(() -> ConsulAccess.of(AGENT).withToken("secret\r\nX: y"))
			.withMessageContaining("token")
			.withMessageNotContaining("secret");
	}

	@Test
	void noTextOfTheSettingsShowsTheToken() {
		ConsulDiscoverySettings known = this.settings.withAccess(ConsulAccess.of(AGENT).withToken("secret"));
		assertThat(known.access()).hasToString("ConsulAccess[agent=http://127.0.0.1:8500, token=(hidden)]");
		assertThat(known.toString()).contains("127.0.0.1:8500").doesNotContain("secret");
	}

	@Test
	void whenAValueIsOutOfItsRangeThenTheErrorNamesIt() {
		assertRefused(() -> this.timings.withWaitTime(Duration.ZERO), "waitTime: 0s (expected: 1s to 10m)");
		assertRefused(() -> this.timings.withProbeInterval(Duration.ZERO), "probeInterval: 0s (expected: 1ms to 1d)");
		assertRefused(() -> ConsulLimits.defaults().withLongPolls(0), "longPolls: 0 (expected: 1 to 1000)");
		assertRefused(() -> this.settings.withServiceNames(" "), "serviceNames: [ ] (expected: no blank name)");
	}

	@Test
	void eachChangeLeavesTheOtherPartsAsTheyAre() throws NoSuchAlgorithmException {
		ConsulAccess access = new ConsulAccess(AGENT, "t-1", SSLContext.getDefault());
		assertThat(ConsulAccess.of(AGENT).withToken("t-1").withSslContext(SSLContext.getDefault())).isEqualTo(access);
		ConsulTimings changed = new ConsulTimings(Duration.ofSeconds(11), Duration.ofSeconds(12),
				Duration.ofSeconds(13), Duration.ofSeconds(14));
		assertThat(this.timings.withWaitTime(changed.waitTime())
			.withResponseTimeout(changed.responseTimeout())
			.withProbeInterval(changed.probeInterval())
			.withConfirmationDelay(changed.confirmationDelay())).isEqualTo(changed);
		ConsulLimits limits = ConsulLimits.defaults().withLongPolls(1).withServices(2);
		assertThat(limits).isEqualTo(new ConsulLimits(1, 2));
		InstanceRules rules = InstanceRules.defaults().withMaximumTags(4);
		RetryDelays retry = new RetryDelays(Duration.ofSeconds(1), Duration.ofSeconds(2));
		assertThat(this.settings.withAccess(access)
			.withServiceNames("game")
			.withTag("eu")
			.withTimings(changed)
			.withRetry(retry)
			.withLimits(limits)
			.withRules(rules))
			.isEqualTo(new ConsulDiscoverySettings(access, Set.of("game"), "eu", changed, retry, limits, rules));
	}

	@Test
	void whenTheDiscoveryHasNoSubscriberThenItDoesNothing() {
		ConsulServiceDiscovery discovery = new ConsulServiceDiscovery(this.settings);
		assertThat(discovery.status().state()).isEqualTo(State.STARTING);
		assertThat(discovery.status().source()).isEqualTo("consul at http://127.0.0.1:8500");
		discovery.close();
		assertThatIllegalStateException().isThrownBy(() -> discovery.subscribe((snapshot) -> {
		}));
	}

	private static void assertRefused(ThrowingCallable change, String message) {
		assertThatIllegalArgumentException().isThrownBy(change).withMessage(message);
	}

}
