package dev.backend.fleet;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoverySnapshot;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link LossProtection}, with seconds as the unit of time.
 */
class LossProtectionTests {

	private static final long SECOND = 1_000_000_000L;

	private final LossProtection protection = new LossProtection("test", Duration.ofSeconds(8));

	private Collection<ServiceConfig> desired = List.of();

	private Set<String> read(long second, int... ids) {
		Map<ServiceKey, ServiceConfig> read = new LinkedHashMap<>();
		IntStream.of(ids).mapToObj((id) -> game(id)).forEach((config) -> read.put(ServiceKey.of(config), config));
		// Starts near the overflow of nano time.
		this.desired = this.protection.protect(read, snapshot(second, second, false), this.desired).values();
		return Set.copyOf(this.desired.stream().map(ServiceConfig::id).toList());
	}

	private static DiscoverySnapshot snapshot(long second, long oldest, boolean recovering) {
		return new DiscoverySnapshot(List.of(), time(second), time(oldest), recovering);
	}

	private static long time(long second) {
		return Long.MAX_VALUE - 4 * SECOND + second * SECOND;
	}

	private static ServiceConfig game(int id) {
		return ServiceConfig.tcp((id < 100) ? "game" : "chat", "i" + id, "10.0.0.1", 7000 + id);
	}

	@Test
	void whenHalfOfAGroupLeavesThenItIsBelievedAtOnce() {
		read(0, 1, 2, 3, 4);
		assertThat(read(1, 1, 2)).containsExactlyInAnyOrder("i1", "i2");
		assertThat(this.protection.holds()).isEmpty();
		assertThat(this.protection.started()).isZero();
	}

	@Test
	void whenMoreThanHalfOfAGroupLeavesThenItIsHeldUntilAReadOneDelayLaterConfirmsIt() {
		read(0, 1, 2, 3, 4, 101);
		assertThat(read(1, 1, 101)).hasSize(5);
		assertThat(this.protection.holds()).containsOnly(Map.entry("game", Set.of("i2", "i3", "i4")));
		assertThat(read(8, 1, 101)).hasSize(5);
		assertThat(read(9, 1, 101)).containsExactlyInAnyOrder("i1", "i101");
		assertThat(this.protection.holds()).isEmpty();
		assertThat(this.protection.started()).isOne();
	}

	@Test
	void whenTheOnlyInstanceLeavesThenItIsHeld() {
		read(0, 1);
		assertThat(read(1)).containsExactly("i1");
		assertThat(read(100)).isEmpty();
	}

	@Test
	void whenEverythingIsMissedThenEveryGroupIsHeld() {
		read(0, 1, 2, 3, 101, 102);
		assertThat(read(1)).hasSize(5);
		assertThat(this.protection.holds()).containsOnlyKeys("game", "chat");
		assertThat(this.protection.started()).isEqualTo(2);
	}

	@Test
	void whenHeldInstancesAreListedAgainThenTheHoldEnds() {
		read(0, 1, 2, 3);
		read(1);
		assertThat(read(2, 1, 2, 3)).hasSize(3);
		assertThat(this.protection.holds()).isEmpty();
		assertThat(read(20)).hasSize(3);
		assertThat(this.protection.started()).isEqualTo(2);
	}

	@Test
	void whenOneIsListedAgainThenItsTimeStartsOver() {
		read(0, 1, 2, 3);
		read(1);
		assertThat(read(5, 1)).hasSize(3);
		assertThat(read(6)).hasSize(3);
		assertThat(read(9)).containsExactly("i1");
		assertThat(read(13)).containsExactly("i1");
		assertThat(read(14)).isEmpty();
	}

	@Test
	void whenAnInstanceIsMissedDuringTheHoldThenItJoins() {
		read(0, 1, 2, 3, 4, 5);
		read(1, 1, 2);
		assertThat(read(5, 1)).hasSize(5);
		assertThat(read(9, 1)).containsExactlyInAnyOrder("i1", "i2");
		assertThat(read(13, 1)).containsExactly("i1");
	}

	@Test
	void whenOthersTakeTheirPlaceThenTheMissedOnesAreHeldBesideThem() {
		read(0, 1, 2);
		assertThat(read(1, 3, 4)).containsExactlyInAnyOrder("i1", "i2", "i3", "i4");
		assertThat(read(9, 3, 4)).containsExactlyInAnyOrder("i3", "i4");
	}

	@Test
	void whenTheDelayIsZeroThenOneReadIsEnough() {
		LossProtection none = new LossProtection("test", Duration.ZERO);
		assertThat(none.protect(Map.of(), snapshot(0, 0, false), List.of(game(1), game(2)))).isEmpty();
		assertThat(none.holds()).isEmpty();
	}

	@Test
	void whenThereAreSeveralSourcesThenOnlyAReadOfAllOfThemConfirmsALoss() {
		List<ServiceConfig> known = List.of(game(1), game(2));
		// The first snapshot without them has one old and one new part: the new counts.
		assertThat(this.protection.protect(Map.of(), snapshot(20, 1, false), known)).hasSize(2);
		assertThat(this.protection.protect(Map.of(), snapshot(90, 27, false), known)).hasSize(2);
		assertThat(this.protection.protect(Map.of(), snapshot(90, 28, false), known)).isEmpty();
	}

	@Test
	void whenTheRegistryWasAwayThenEachLossIsHeldUntilItIsConfirmed() {
		List<ServiceConfig> known = List.of(game(1), game(2), game(3));
		Map<ServiceKey, ServiceConfig> two = Map.of(ServiceKey.of(game(1)), game(1), ServiceKey.of(game(2)), game(2));
		assertThat(this.protection.protect(two, snapshot(20, 20, true), known)).hasSize(3);
		assertThat(this.protection.protect(two, snapshot(27, 27, true), known)).hasSize(3);
		assertThat(this.protection.protect(two, snapshot(28, 28, false), known)).hasSize(2);
		assertThat(this.protection.protect(two, snapshot(29, 29, true), List.of(game(1), game(2)))).hasSize(2);
		assertThat(this.protection.holds()).isEmpty();
		assertThat(this.protection.started()).isOne();
	}

}
