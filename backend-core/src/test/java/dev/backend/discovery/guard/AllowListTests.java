package dev.backend.discovery.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.PushedSource;
import dev.backend.discovery.StaticDiscovery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@ExtendWith(OutputCaptureExtension.class)
class AllowListTests {

	private static final AllowList LIST = AllowList.of(List.of("10.1.0.0/16", "192.168.7.5", "2001:db8::/32"),
			List.of("7000-7009", "9000"));

	@ParameterizedTest
	@CsvSource({ "10.1.0.1,7000", "10.1.255.255,7009", "192.168.7.5,9000", "2001:db8:1::5,7001", "2001:DB8::1,7001" })
	void whatIsListedIsAllowed(String address, int port) {
		assertThat(LIST.refusal(instance("a", address, port))).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "10.2.0.1,7000,address", "192.168.7.6,7000,address", "127.0.0.1,7000,address",
			"2001:db9::1,7000,address", "game.example.org,7000,address", "10.1.0.1.example.org,7000,address",
			"10.1.0.1,6999,port", "10.1.0.1,7010,port", "10.1.0.1,90,port", "169.254.169.254,80,address" })
	void whatIsNotListedIsRefused(String address, int port, String reason) {
		assertThat(LIST.refusal(instance("a", address, port))).startsWith(reason).contains("expected: one of");
	}

	@Test
	void anEmptyListAllowsAll() {
		assertThat(AllowList.of(List.of(), List.of()).refusal(instance("a", "game.example.org", 1))).isNull();
		assertThat(AllowList.of(List.of(), List.of("1")).refusal(instance("a", "game.example.org", 1))).isNull();
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0/8", "example.org", "::1/129", "/8" })
	void aMalformedNetworkIsNamed(String network) {
		assertThatIllegalArgumentException().isThrownBy(() -> AllowList.of(List.of(network), List.of()))
			.withMessageContaining("allowed address: '" + network + "'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "0", "65536", "9-8", "1-2-3", "-5", "5-", "http" })
	void aMalformedPortIsNamed(String port) {
		assertThatIllegalArgumentException().isThrownBy(() -> AllowList.of(List.of(), List.of(port)))
			.withMessageContaining("allowed port: '" + port + "'");
	}

	@Test
	void whatIsRefusedIsLeftOutCountedAndLoggedOnce(CapturedOutput output) {
		List<DiscoverySnapshot> pushed = new ArrayList<>();
		StaticDiscovery source = StaticDiscovery.of("a list",
				List.of(instance("good", "10.1.0.1", 7000), instance("bad", "127.0.0.1", 7000)));
		GuardedDiscovery discovery = GuardedDiscovery.of(source, InstanceRules.defaults().withAllowed(LIST));
		discovery.subscribe(pushed::add);
		assertThat(pushed).singleElement()
			.extracting(DiscoverySnapshot::instances)
			.isEqualTo(List.of(instance("good", "10.1.0.1", 7000)));
		assertThat(discovery.status().instances()).isEqualTo(1);
		assertThat(discovery.status().rejected()).isEqualTo(1);
		assertThat(output).containsOnlyOnce("game/bad: address '127.0.0.1'");
	}

	@Test
	void whenTheRegistryIsReadAgainThenOnlyWhatIsNewIsLogged(CapturedOutput output) {
		PushedSource source = new PushedSource("pushed");
		GuardedDiscovery discovery = GuardedDiscovery.of(source, InstanceRules.defaults().withAllowed(LIST));
		List<DiscoverySnapshot> pushed = new ArrayList<>();
		discovery.subscribe(pushed::add);
		source.push(1, "a");
		source.push(2, "a");
		source.push(3, "a", "b\u0007");
		assertThat(pushed).hasSize(3).allSatisfy((snapshot) -> assertThat(snapshot.instances()).isEmpty());
		assertThat(output).containsOnlyOnce(
				"pushed: 1 entry is left out that was not before (not allowed), such as game/a: address '127.0.0.1'")
			.containsOnlyOnce("pushed: 1 entry is left out that was not before (malformed), such as game/b\\u0007:");
		discovery.close();
		assertThat(source.closed).isTrue();
	}

	@Test
	void whenSeveralSubscribeThenWhatIsLeftOutIsLoggedOnce(CapturedOutput output) {
		PushedSource source = new PushedSource("pushed");
		GuardedDiscovery discovery = GuardedDiscovery.of(source, InstanceRules.defaults().withAllowed(LIST));
		DiscoverySnapshot snapshot = DiscoverySnapshot.of(source.instances("a"), 1);
		List<DiscoverySnapshot> pushed = new ArrayList<>();
		for (int i = 0; i < 2; i++) {
			discovery.subscribe(pushed::add);
			source.push(snapshot);
		}
		assertThat(pushed).hasSize(2);
		assertThat(pushed.get(1)).as("for all that stands before it").isSameAs(pushed.get(0));
		assertThat(output).containsOnlyOnce("such as game/a: address '127.0.0.1'");
	}

	private static DiscoveredInstance instance(String id, String address, int port) {
		return new DiscoveredInstance("game", id, "tcp", address, port, List.of(), Map.of());
	}

}
