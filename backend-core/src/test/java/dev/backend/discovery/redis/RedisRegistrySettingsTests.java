package dev.backend.discovery.redis;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RedisRegistrySettingsTests {

	@Test
	void defaultsAreThoseOfTheContract() {
		RedisRegistrySettings settings = RedisRegistrySettings.of("games");
		assertThat(settings.expiry()).isEqualTo(Duration.ofSeconds(8));
		assertThat(settings.heartbeatInterval()).isEqualTo(Duration.ofSeconds(4));
		assertThat(settings.readInterval()).isEqualTo(Duration.ofSeconds(8));
		assertThat(settings.checkInterval()).isEqualTo(Duration.ofSeconds(1));
		assertThat(settings.standbyInterval()).isEqualTo(Duration.ofSeconds(8));
		assertThat(settings.checkerEnabled()).isTrue();
		assertThat(settings.serviceNames()).isEmpty();
	}

	@Test
	void whenADurationIsNotPositiveThenTheMessageNamesIt() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RedisRegistrySettings.builder("games").readInterval(Duration.ofSeconds(-1)).build())
			.withMessage("readInterval of redis key 'games': -1s (expected: >= 1ms)");
	}

	@Test
	void whenTheHeartbeatIsNotShorterThanTheExpiryThenTheMessageNamesBoth() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RedisRegistrySettings.builder("games").heartbeatInterval(Duration.ofSeconds(8)).build())
			.withMessage("heartbeatInterval of redis key 'games': 8s (expected: less than the expiry 8s)");
	}

	@Test
	void whenTheKeyIsUnusableThenTheMessageNamesIt() {
		assertThatIllegalArgumentException().isThrownBy(() -> RedisRegistrySettings.of(" "))
			.withMessage("key: ' ' (expected: not blank, no control characters)");
		assertThatIllegalArgumentException().isThrownBy(() -> RedisRegistrySettings.of("a\nb"))
			.withMessage("key: 'a?b' (expected: not blank, no control characters)");
	}

	@Test
	void whenOtherPropertiesAreOutOfRangeThenTheMessageNamesThem() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RedisRegistrySettings.builder("games").maximumMembers(0).build())
			.withMessage("maximumMembers of redis key 'games': 0 (expected: 1 to 100000)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RedisRegistrySettings.builder("games").serviceNames("game", " ").build())
			.withMessageStartingWith("serviceNames of redis key 'games': ");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RedisRegistrySettings.builder("games").retryInitialDelay(Duration.ofSeconds(2)).build())
			.withMessage("retryInitialDelay of redis key 'games': 2s (expected: at most the retryMaximumDelay 1s)");
	}

	@Test
	void whenTheLaterLayoutIsSetThenTheExpiryIsWholeSeconds() {
		RedisRegistrySettings.Builder builder = RedisRegistrySettings.builder("games").layout(RegistryLayout.GOBASE_V2);
		assertThat(builder.build().layout()).isEqualTo(RegistryLayout.GOBASE_V2);
		assertThatIllegalArgumentException().isThrownBy(() -> builder.expiry(Duration.ofMillis(8500)).build())
			.withMessage("expiry of redis key 'games': 8500ms (expected: whole seconds in the layout gobase-v2)");
	}

	@Test
	void anotherKeyHasTheSameSettings() {
		RedisRegistrySettings settings = RedisRegistrySettings.builder("games")
			.layout(RegistryLayout.GOBASE_V2)
			.serviceNames("game")
			.expiry(Duration.ofSeconds(70))
			.heartbeatInterval(Duration.ofSeconds(11))
			.readInterval(Duration.ofSeconds(12))
			.probeInterval(Duration.ofSeconds(13))
			.responseTimeout(Duration.ofSeconds(14))
			.retryInitialDelay(Duration.ofSeconds(15))
			.retryMaximumDelay(Duration.ofSeconds(16))
			.closeTimeout(Duration.ofSeconds(17))
			.checkerEnabled(false)
			.checkInterval(Duration.ofSeconds(18))
			.standbyInterval(Duration.ofSeconds(19))
			.maximumMembers(20)
			.build();
		RedisRegistrySettings other = settings.withKey("chats");
		assertThat(other.key()).isEqualTo("chats");
		assertThat(other).usingRecursiveComparison().ignoringFields("key").isEqualTo(settings);
	}

}
