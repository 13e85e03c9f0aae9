package dev.backend;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link ServiceConfig} for people.
 */
class ServiceConfigTests {

	@ParameterizedTest
	@CsvSource({ "::1,[::1]:7001", "[::1],[::1]:7001", "[fe80::1%eth0],[fe80::1%eth0]:7001", "10.0.0.5,10.0.0.5:7001",
			"game.example.org,game.example.org:7001" })
	void anIpv6AddressIsInBracketsOnce(String address, String endpoint) {
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", address, 7001);
		assertThat(config.endpoint()).isEqualTo(endpoint);
		assertThat(config.label()).isEqualTo("game/game-1 at " + endpoint);
	}

	@Test
	void anIpv6AddressIsTheSameWithBracketsAndWithout() {
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "[::1]", 7001);
		assertThat(config.address()).isEqualTo("::1");
		assertThat(config.sameEndpoint(config.withAddress("::1", 7001))).isTrue();
		assertThat(config.withAddress("[::2]", 7001).address()).isEqualTo("::2");
	}

}
