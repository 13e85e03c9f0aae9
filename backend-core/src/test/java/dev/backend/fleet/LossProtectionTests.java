package dev.backend.fleet;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.backend.ServiceConfig;
import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.Origin;
import dev.backend.discovery.SourceView;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link LossProtection}, with seconds as the unit of time.
 */
class LossProtectionTests {

	private static final long SECOND = 1_000_000_000L;

	private static final Origin GAMES = new Origin("games", "game");

	private final LossProtection protection = new LossProtection("test", null, Duration.ofSeconds(8));

	private Map<ServiceKey, Listed> desired = Map.of();

	private Set<String> read(long second, int... ids) {
		return read(snapshot(second, Absence.EVIDENCE), ids);
	}

	private Set<String> read(DiscoverySnapshot snapshot, int... ids) {
		Map<ServiceKey, Listed> read = new LinkedHashMap<>();
		IntStream.of(ids)
			.mapToObj((id) -> game(id))
			.forEach((config) -> read.put(ServiceKey.of(config), new Listed(config, GAMES)));
		this.desired = this.protection.protect(read, snapshot, this.desired);
		return Set.copyOf(this.desired.values().stream().map((listed) -> listed.config().id()).toList());
	}

	private static Map<ServiceKey, Listed> byKey(Listed... listed) {
		return Stream.of(listed).collect(Collectors.toMap(Listed::key, Function.identity()));
	}

	private static DiscoverySnapshot snapshot(long second, Absence absence) {
		return new DiscoverySnapshot(new SourceView("games", List.of(), time(second), absence));
	}

	/** Near the overflow of nano time. */

	private static long time(long second) {
		return Long.MAX_VALUE - 4 * SECOND + second * SECOND;
	}

	private static ServiceConfig game(int id) {
		return ServiceConfig.tcp((id < 100) ? "game" : "chat", "i" + id, "10.0.%d.%d".formatted(id / 250, id % 250),
				7000);
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
	void whenTheOnlyInstanceLeavesThenItIsBelievedAtOnce() {
		read(0, 1, 101, 102);
		assertThat(read(1, 101, 102)).containsExactlyInAnyOrder("i101", "i102");
		assertThat(this.protection.started()).isZero();
	}

	@Test
	void whenTheSourceLosesMostThenTheOnlyInstanceOfAGroupIsHeldToo() {
		read(0, 1, 101, 102);
		assertThat(read(1)).hasSize(3);
		assertThat(this.protection.holds()).containsOnlyKeys("game", "chat");
		assertThat(read(9)).isEmpty();
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
		LossProtection none = new LossProtection("test", Duration.ZERO, Duration.ofSeconds(8));
		Map<ServiceKey, Listed> known = byKey(new Listed(game(1), GAMES), new Listed(game(2), GAMES));
		assertThat(none.protect(Map.of(), snapshot(0, Absence.EVIDENCE), known)).isEmpty();
		assertThat(none.holds()).isEmpty();
	}

	@Test
	void whenTheDelayIsZeroThenAReadThatIsNoEvidenceIsNotEnoughAllTheSame() {
		LossProtection none = new LossProtection("test", Duration.ZERO, Duration.ofSeconds(8));
		Map<ServiceKey, Listed> known = byKey(new Listed(game(1), GAMES), new Listed(game(2), GAMES));
		assertThat(none.protect(Map.of(), snapshot(0, Absence.NO_EVIDENCE), known)).hasSize(2);
		assertThat(none.protect(Map.of(), snapshot(100, Absence.NO_EVIDENCE), known)).hasSize(2);
		assertThat(none.protect(Map.of(), snapshot(101, Absence.TO_BE_CONFIRMED), known)).isEmpty();
		assertThat(none.holds()).isEmpty();
	}

	/** What is held has a bound, too: a writer may replace all again and again. */
	@Test
	void whenAllIsReplacedAgainAndAgainWhileNothingCountsAsGoneThenNewOnesAreLeftOut() {
		for (int i = 0; i < 50; i++) {
			int first = 100 + i * 1000;
			Set<String> present = read(snapshot(i, Absence.NO_EVIDENCE),
					IntStream.range(first, first + 1000).toArray());
			assertThat(present).hasSize(Math.min(2000, 1000 * (i + 1))).contains("i100", "i1099");
		}
		assertThat(this.protection.refused()).isEqualTo(1000);
		int[] last = IntStream.range(49_100, 50_100).toArray();
		read(snapshot(50, Absence.EVIDENCE), last);
		assertThat(read(snapshot(60, Absence.EVIDENCE), last)).hasSize(1000).contains("i49100", "i50099");
		assertThat(this.protection.refused()).isZero();
	}

	@Test
	void whatIsListedAtTheSamePlaceUnderAnotherIdIsNoLoss() {
		Map<ServiceKey, Listed> renamed = new LinkedHashMap<>();
		Map<ServiceKey, Listed> known = new LinkedHashMap<>();
		for (int i = 0; i < 3; i++) {
			ServiceConfig config = ServiceConfig.tcp("game", "i" + i, "10.0.0." + i, 7000);
			known.put(ServiceKey.of(config), new Listed(config, GAMES));
			ServiceConfig other = ServiceConfig.tcp("game", "i" + i + "@node", "10.0.0." + i, 7000);
			renamed.put(ServiceKey.of(other), new Listed(other, GAMES));
		}
		assertThat(this.protection.protect(renamed, snapshot(1, Absence.EVIDENCE), known)).isEqualTo(renamed);
		assertThat(this.protection.renamed()).hasSize(3);
		assertThat(this.protection.started()).isZero();
	}

	@Test
	void whenTheRegistryWasAwayThenEachLossIsHeldUntilItIsConfirmed() {
		read(0, 1, 2, 3);
		assertThat(read(snapshot(20, Absence.TO_BE_CONFIRMED), 1, 2)).hasSize(3);
		assertThat(read(snapshot(27, Absence.TO_BE_CONFIRMED), 1, 2)).hasSize(3);
		assertThat(read(snapshot(28, Absence.EVIDENCE), 1, 2)).hasSize(2);
		assertThat(read(snapshot(29, Absence.TO_BE_CONFIRMED), 1, 2)).hasSize(2);
		assertThat(this.protection.holds()).isEmpty();
		assertThat(this.protection.started()).isOne();
	}

	@Test
	void whileAbsenceIsNoEvidenceThenNothingIsConfirmed() {
		read(0, 1, 2, 3);
		assertThat(read(snapshot(20, Absence.NO_EVIDENCE), 1, 2)).hasSize(3);
		assertThat(read(snapshot(3620, Absence.NO_EVIDENCE), 1, 2)).hasSize(3);
		assertThat(read(snapshot(3621, Absence.TO_BE_CONFIRMED), 1, 2)).hasSize(3);
		assertThat(read(snapshot(3628, Absence.EVIDENCE), 1, 2)).hasSize(2);
	}

}
