package dev.backend.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import dev.backend.Availability;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link Fleet} under random snapshots and connections that come and go, in random
 * interleavings of its control thread with theirs: it always settles as the last snapshot
 * says.
 */
@Timeout(120)
class FleetModelTests {

	private static final int RUNS = 100;

	private static final int STEPS = 150;

	@ParameterizedTest
	@EnumSource
	void whenAllSettlesThenFleetIsAsTheLastSnapshotSays(RemovalMode mode) {
		for (int seed = 0; seed < RUNS; seed++) {
			new FleetModel(mode, seed).run(STEPS);
		}
	}

	@Test
	void whenAddressChangesThenOldServiceServesUntilTheNewOneIsReadyAndInfoIsKept() {
		FakeFleet fake = new FakeFleet(RemovalMode.ON_DISCONNECT);
		ServiceConfig before = ServiceConfig.tcp("game", "game-1", "a", 1);
		ServiceConfig after = ServiceConfig.tcp("game", "game-1", "b", 1);
		fake.apply(Map.of(ServiceKey.of(before), before));
		fake.settle();
		FakeFleet.Service old = service(fake);
		old.connect();
		fake.settle();
		fake.apply(Map.of(ServiceKey.of(after), after));
		fake.settle();
		assertThat(service(fake)).isSameAs(old);
		assertThat(fake.live).hasSize(2);
		FakeFleet.Service replacement = fake.live.stream()
			.filter((service) -> service != old)
			.findFirst()
			.orElseThrow();
		replacement.connect();
		fake.settle();
		assertThat(service(fake)).isSameAs(replacement);
		assertThat(replacement.info()).isSameAs(old.info());
		assertThat(old.availability()).isEqualTo(Availability.DRAINING);
		old.drop();
		fake.settle();
		assertThat(fake.live).containsExactly(replacement);
	}

	@Test
	void whenInstancesComeOrGoThenTheListenerIsToldAndTheRingsCountTheirRebuilds() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE);
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "a", 1);
		List<Set<String>> told = new ArrayList<>();
		fake.fleet.onServicesChanged(() -> told.add(fake.fleet.groups().keySet()));
		fake.apply(Map.of(ServiceKey.of(config), config));
		fake.settle();
		FakeFleet.Group group = Objects.requireNonNull(fake.fleet.groups().get("game"));
		service(fake).connect();
		fake.settle();
		assertThat(group.ringRebuilds()).isEqualTo(1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		fake.settle();
		assertThat(group.ringRebuilds()).isEqualTo(1);
		fake.apply(Map.of());
		fake.settle();
		assertThat(group.ringRebuilds()).isEqualTo(2);
		assertThat(told).containsExactly(Set.of(), Set.of("game"), Set.of());
	}

	@Test
	void whenAServiceIsAddedThenItIsFoundByItsIdFromTheFirstCallbackOn() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE);
		ServiceConfig first = ServiceConfig.tcp("game", "game-1", "a", 1);
		ServiceConfig second = ServiceConfig.tcp("game", "game-2", "b", 1);
		fake.apply(Map.of(ServiceKey.of(first), first));
		fake.settle();
		fake.apply(Map.of(ServiceKey.of(first), first, ServiceKey.of(second), second));
		fake.settle();
		assertThat(fake.live).hasSize(2).isEqualTo(fake.found);
	}

	@Test
	void whenAServiceGoesBeforeItWasPublishedThenItIsAddedAndRemoved() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE);
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "a", 1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		fake.apply(Map.of());
		fake.settle();
		assertThat(fake.live).isEmpty();
		assertThat(fake.closed).hasSize(1);
		assertThat(fake.fleet.groups()).isEmpty();
	}

	@Test
	void whenAReplacementOfADrainedServiceIsReadyThenItTakesThePlaceAndIsDrained() {
		FakeFleet fake = new FakeFleet(RemovalMode.ON_DISCONNECT);
		ServiceConfig before = ServiceConfig.tcp("game", "game-1", "a", 1);
		fake.apply(Map.of(ServiceKey.of(before), before));
		fake.settle();
		FakeFleet.Service old = service(fake);
		old.connect();
		fake.fleet.drained("game", "game-1", true);
		fake.apply(Map.of(ServiceKey.of(before), ServiceConfig.tcp("game", "game-1", "b", 1)));
		fake.settle();
		fake.live.forEach(FakeFleet.Service::connect);
		fake.settle();
		assertThat(service(fake)).isNotSameAs(old);
		assertThat(service(fake).drained()).isTrue();
		assertThat(service(fake).availability()).isEqualTo(Availability.DRAINING);
	}

	@Test
	void whenAServiceIsDrainedThenNobodyWaitsForItToBeUsable() {
		FakeFleet fake = new FakeFleet(RemovalMode.ON_DISCONNECT);
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "a", 1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		CompletableFuture<Boolean> allUsable = fake.fleet.whenAllUsable(Duration.ofMinutes(1));
		fake.settle();
		assertThat(allUsable).isNotDone();
		CompletableFuture<Void> drained = fake.fleet.drained("game", "game-1", true);
		fake.settle();
		assertThat(drained).isCompleted();
		assertThat(allUsable).isCompletedWithValue(true);
	}

	@Test
	void whenAServiceIsSuspendedThenTheRingsAreWithoutItBeforeItsConnectionIsDrained() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		CompletableFuture<Void> suspended = fake.fleet.suspended("game", "game-1", true);
		while (fake.io.isEmpty()) {
			assertThat(fake.control).isNotEmpty();
			FakeFleet.runOne(fake.control);
		}
		assertThat(service.state()).isEqualTo(Availability.READY);
		assertThat(Objects.requireNonNull(fake.fleet.groups().get("game")).routing().members()).isEmpty();
		fake.settle();
		assertThat(service.state()).isEqualTo(Availability.DRAINING);
		assertThat(suspended).isNotDone();
		service.drop();
		fake.settle();
		assertThat(suspended).isCompleted();
		assertThat(service.state()).isEqualTo(Availability.UNAVAILABLE);
		assertThat(fake.live).containsExactly(service);
	}

	@Test
	void whenASuspendedServiceMovesThenItsReplacementTakesThePlaceAtOnceAndIsSuspended() {
		FakeFleet fake = connected();
		FakeFleet.Service old = service(fake);
		fake.fleet.suspended("game", "game-1", true);
		fake.settle();
		old.drop();
		fake.settle();
		ServiceConfig after = ServiceConfig.tcp("game", "game-1", "b", 1);
		fake.apply(Map.of(ServiceKey.of(after), after));
		fake.settle();
		FakeFleet.Service moved = service(fake);
		assertThat(moved.config()).isEqualTo(after);
		assertThat(moved.info()).isSameAs(old.info());
		assertThat(fake.live).containsExactly(moved);
		moved.connect();
		assertThat(moved.connected()).as("it is not dialled").isFalse();
		fake.fleet.suspended("game", "game-1", false);
		fake.settle();
		moved.connect();
		fake.settle();
		assertThat(moved.usable()).isTrue();
	}

	@Test
	void whenAServiceIsSuspendedThenNobodyWaitsForItToBeUsable() {
		FakeFleet fake = new FakeFleet(RemovalMode.ON_DISCONNECT);
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "a", 1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		CompletableFuture<Boolean> allUsable = fake.fleet.whenAllUsable(Duration.ofMinutes(1));
		fake.settle();
		assertThat(allUsable).isNotDone();
		fake.fleet.suspended("game", "game-1", true);
		fake.settle();
		assertThat(allUsable).isCompletedWithValue(true);
	}

	@Test
	void whenTheFleetIsDrainedThenWhoeverWaitsForASuspensionIsTold() {
		FakeFleet fake = connected();
		CompletableFuture<Void> before = fake.fleet.suspended("game", "game-1", true);
		fake.settle();
		fake.fleet.drain();
		CompletableFuture<Void> after = fake.fleet.suspended("game", "game-1", true);
		fake.settle();
		assertThat(before).isCompletedExceptionally();
		assertThat(after).isCompletedExceptionally();
	}

	@Test
	void whenAServiceCannotBeToldThatItIsPutBackThenWhoeverWaitsForThatHears() {
		FakeFleet fake = connected();
		fake.fleet.drained("game", "game-1", true);
		fake.settle();
		fake.loopsEnded = true;
		CompletableFuture<Void> undrained = fake.fleet.drained("game", "game-1", false);
		fake.settle();
		assertThat(undrained).isCompletedExceptionally();
	}

	/** A fleet of one service that is ready. */
	private static FakeFleet connected() {
		FakeFleet fake = new FakeFleet(RemovalMode.ON_DISCONNECT);
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "a", 1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		fake.settle();
		service(fake).connect();
		fake.settle();
		return fake;
	}

	private static FakeFleet.Service service(FakeFleet fake) {
		return Objects.requireNonNull(fake.fleet.groups().get("game")).getService("game-1");
	}

}
