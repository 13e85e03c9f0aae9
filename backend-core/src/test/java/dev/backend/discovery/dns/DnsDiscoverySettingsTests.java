package dev.backend.discovery.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import dev.backend.discovery.dns.DnsService.Records;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * {@link DnsDiscoverySettings} and {@link DnsService}.
 */
class DnsDiscoverySettingsTests {

	private static final DnsService GAME = DnsService.of("game", "game.example", 7001);

	private static void assertRefused(ThrowingCallable call, String... parts) {
		assertThatIllegalArgumentException().isThrownBy(call)
			.satisfies((ex) -> assertThat(ex.getMessage()).contains(parts));
	}

	private static DnsDiscoverySettings timed(int minimum, int maximum, int response, int confirmation) {
		return DnsDiscoverySettings.defaults(List.of(GAME))
			.withTimings(Duration.ofSeconds(minimum), Duration.ofSeconds(maximum), Duration.ofSeconds(response),
					Duration.ofSeconds(confirmation));
	}

	@Test
	void theDefaultsConfirmALossWithTheReadAfterTheLongestInterval() {
		DnsDiscoverySettings settings = DnsDiscoverySettings.defaults(List.of(GAME));
		assertThat(settings.confirmationDelay()).isEqualTo(settings.maximumInterval()).hasSeconds(30);
		assertThat(settings.source()).isEqualTo("dns name game.example");
		assertThat(new DnsServiceDiscovery(settings).confirmationDelay()).hasSeconds(30);
	}

	@Test
	void whatCannotBeIsNamed() {
		assertRefused(() -> timed(0, 30, 5, 30), "minimumInterval: 0s", "1ms to 1d");
		assertRefused(() -> timed(5, 4, 5, 30), "maximumInterval: 4s", "at least minimumInterval, 5s");
		assertRefused(() -> timed(1, 30, 0, 30), "responseTimeout: 0s");
		assertRefused(() -> timed(1, 30, 5, 29), "confirmationDelay: 29s", "at least maximumInterval, 30s");
		assertRefused(() -> DnsDiscoverySettings.defaults(List.of()), "services: 0", "1 to 100");
		assertRefused(() -> DnsDiscoverySettings.defaults(
				IntStream.range(0, 101).mapToObj((i) -> DnsService.of("game-" + i, "game.example", 7001)).toList()),
				"services: 101");
		assertRefused(() -> DnsDiscoverySettings.defaults(List.of(GAME, DnsService.srv("Game", "_game._tcp.example"))),
				"each name once");
		assertRefused(
				() -> DnsDiscoverySettings.defaults(List.of(GAME))
					.withNameServers(List.of(InetSocketAddress.createUnresolved("dns.example", 53))),
				"nameServers", "IP addresses");
	}

	@Test
	void aServiceThatNoInstanceCanBeOfIsRefused() {
		assertRefused(() -> DnsService.of("game", "10.0.0.5", 7001), "host: 10.0.0.5", "a name that DNS knows");
		assertRefused(() -> DnsService.of("game", "::1", 7001), "host: ::1");
		assertRefused(() -> DnsService.of("game", "game.example/x", 7001), "game.example/x");
		assertRefused(() -> DnsService.of(" ", "game.example", 7001), "name");
		assertRefused(() -> DnsService.of("game", "game.example", 0), "port", "1 to 65535");
		assertRefused(() -> new DnsService("game", "_game._tcp.example", Records.SRV, "tcp", 7001), "port: 7001",
				"0 with SRV");
		assertRefused(() -> new DnsService("game", "game.example", Records.A, "a b", 7001), "scheme");
	}

}
