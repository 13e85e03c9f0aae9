package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.Set;

import dev.backend.discovery.InstanceRules;
import dev.backend.settings.RetryDelays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RedisRegistrySettingsTests {

	private final RedisRegistrySettings settings = RedisRegistrySettings.defaults("games");

	private final RedisRegistryTimings timings = RedisRegistryTimings.defaults();

	@Test
	void defaultsAreThoseOfTheContract() {
		assertThat(this.settings.layout()).isEqualTo(RegistryLayout.GOBASE_V1);
		assertThat(this.settings.serviceNames()).isEmpty();
		assertThat(this.timings.expiry()).isEqualTo(Duration.ofSeconds(8));
		assertThat(this.timings.heartbeatInterval()).isEqualTo(Duration.ofSeconds(4));
		assertThat(this.timings.readInterval()).isEqualTo(Duration.ofSeconds(8));
		assertThat(this.settings.checker())
			.isEqualTo(new RedisCheckerSettings(true, Duration.ofSeconds(1), Duration.ofSeconds(8)));
	}

	@Test
	void whenADurationIsOutOfItsRangeThenTheMessageNamesIt() {
		assertRefused(() -> this.timings.withReadInterval(Duration.ofSeconds(-1)),
				"readInterval: -1s (expected: 1ms to 1d)");
		assertRefused(() -> this.timings.withCloseTimeout(Duration.ofDays(2)),
				"closeTimeout: 2d (expected: 1ms to 1d)");
		assertRefused(() -> new RedisCheckerSettings(true, Duration.ZERO, Duration.ofSeconds(8)),
				"checkInterval: 0s (expected: 1ms to 1d)");
	}

	@Test
	void whenTheHeartbeatIsNotShorterThanTheExpiryThenTheMessageNamesBoth() {
		assertRefused(() -> this.timings.withHeartbeatInterval(Duration.ofSeconds(8)),
				"heartbeatInterval: 8s (expected: less than expiry, 8s)");
	}

	@Test
	void whenTheKeyIsUnusableThenTheMessageNamesIt() {
		assertRefused(() -> RedisRegistrySettings.defaults(" "),
				"key: ' ' (expected: not blank, no control characters)");
		assertRefused(() -> this.settings.withKey("a\nb"), "key: 'a\\nb' (expected: not blank, no control characters)");
	}

	@Test
	void whenOtherPartsAreOutOfRangeThenTheMessageNamesThem() {
		assertRefused(() -> new RedisReadLimits(63, 1000), "maximumMemberSize: 63 (expected: 64 to 1048576)");
		assertRefused(() -> new RedisReadLimits(8192, 8191), "maximumReadSize: 8191 (expected: 8192 to 2147483647)");
		assertRefused(() -> this.settings.withServiceNames(" "), "serviceNames: [ ] (expected: no blank name)");
	}

	@Test
	void durationsAreInTheUnitsOfTheLayoutWithTheirFraction() {
		assertThat(RegistryLayout.GOBASE_V1.units(Duration.ofMillis(8500))).isEqualTo("8500");
		assertThat(RegistryLayout.GOBASE_V2.units(Duration.ofMillis(8500))).isEqualTo("8.5");
		assertThat(RegistryLayout.GOBASE_V2.units(Duration.ofSeconds(80))).isEqualTo("80");
		assertThat(RegistryLayout.GOBASE_V1.units(Duration.ofNanos(1_500_000))).isEqualTo("1.5");
	}

	@Test
	void eachChangeLeavesTheOtherPartsAsTheyAre() {
		RedisRegistryTimings changed = new RedisRegistryTimings(Duration.ofSeconds(70), Duration.ofSeconds(11),
				Duration.ofSeconds(12), Duration.ofSeconds(13), Duration.ofSeconds(14), Duration.ofSeconds(15));
		assertThat(this.timings.withExpiry(changed.expiry(), Duration.ofSeconds(1))
			.withHeartbeatInterval(changed.heartbeatInterval())
			.withReadInterval(changed.readInterval())
			.withProbeInterval(changed.probeInterval())
			.withResponseTimeout(changed.responseTimeout())
			.withCloseTimeout(changed.closeTimeout())).isEqualTo(changed);
		RetryDelays retry = new RetryDelays(Duration.ofSeconds(1), Duration.ofSeconds(2));
		assertThat(this.settings.withKey("chats")
			.withLayout(RegistryLayout.GOBASE_V2)
			.withServiceNames("game")
			.withRules(InstanceRules.defaults().withMaximumInstances(20))
			.withLimits(new RedisReadLimits(100, 1000))
			.withTimings(changed)
			.withRetry(retry)
			.withChecker(RedisCheckerSettings.off()))
			.isEqualTo(new RedisRegistrySettings("chats", RegistryLayout.GOBASE_V2, Set.of("game"),
					InstanceRules.defaults().withMaximumInstances(20), new RedisReadLimits(100, 1000), changed, retry,
					RedisCheckerSettings.off()));
	}

	private static void assertRefused(ThrowingCallable change, String message) {
		assertThatIllegalArgumentException().isThrownBy(change).withMessage(message);
	}

}
