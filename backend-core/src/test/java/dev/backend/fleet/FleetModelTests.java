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
	void whenAnInstanceMovesThenItIsOneServiceThatGoesThereWhenItHasLeftTheRings() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		Object info = service.info();
		move(fake, "b");
		assertThat(service.config().address()).isEqualTo("a");
		assertThat(service.usable()).isTrue();
		service.reach(true);
		while (service.ready()) {
			assertThat(fake.control.size() + fake.io.size()).isPositive();
			FakeFleet.runOne(fake.control);
			FakeFleet.runOne(fake.io);
		}
		assertThat(group(fake).routing().members()).isEmpty();
		assertThat(service.config().address()).isEqualTo("a");
		service.drop();
		fake.settle();
		assertThat(service(fake)).isSameAs(service);
		assertThat(service.config().address()).isEqualTo("b");
		assertThat(service.info()).isSameAs(info);
		assertThat(fake.moves).isEqualTo(1);
		service.connect();
		fake.settle();
		assertThat(group(fake).routing().members()).containsExactly(service);
		assertThat(fake.live).containsExactly(service);
		assertThat(fake.closed).isEmpty();
		assertThat(fake.failures).isEmpty();
	}

	@Test
	void whenAnInstanceMovesBackBeforeItHasGoneThenNothingHasHappened() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		move(fake, "b");
		service.reach(true);
		fake.settle();
		assertThat(service.state()).isEqualTo(Availability.DRAINING);
		move(fake, "a");
		assertThat(service.usable()).isTrue();
		assertThat(group(fake).routing().members()).containsExactly(service);
		assertThat(fake.moves).isZero();
		assertThat(fake.connected).containsExactly(service);
	}

	@Test
	void whenAnInstanceMovesOnBeforeItHasGoneThenItGoesToTheLastAddress() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		move(fake, "b");
		service.reach(true);
		move(fake, "c");
		assertThat(service.usable()).as("there is no connection to the last one yet").isTrue();
		service.reach(true);
		fake.settle();
		service.drop();
		fake.settle();
		assertThat(service.config().address()).isEqualTo("c");
		assertThat(fake.moves).isEqualTo(1);
	}

	@Test
	void whenTheDestinationIsAnotherThanThatWhichAnswersThenTheServiceDoesNotArrive() {
		FakeFleet.Service service = service(connected());
		ServiceConfig before = service.config();
		ServiceConfig answers = before.withAddress("b", 1);
		service.listed(before.withAddress("c", 1));
		assertThat(service.arrive(answers)).isNull();
		assertThat(service.config()).isEqualTo(before);
		ServiceConfig tagged = answers.withTags("new");
		service.listed(tagged);
		assertThat(service.arrive(answers)).isEqualTo(before);
		assertThat(service.config()).isEqualTo(tagged);
	}

	@Test
	void whenAnInstanceMovesThatIsNotConnectedThenItIsThereAtOnce() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		service.drop();
		fake.settle();
		move(fake, "b");
		assertThat(service(fake)).isSameAs(service);
		assertThat(service.config().address()).isEqualTo("b");
		assertThat(fake.moves).isEqualTo(1);
	}

	@Test
	void whenTheConnectionToTheNewAddressIsLostBeforeItIsUsedThenTheServiceStaysOnTheRings() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		move(fake, "b");
		service.reach(true);
		service.reach(false);
		fake.settle();
		assertThat(service.usable()).isTrue();
		assertThat(group(fake).routing().members()).containsExactly(service);
	}

	@Test
	void whenTheConnectionToTheNewAddressIsLostForAMomentThatTheFleetMissesThenTheServiceStillGoes() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		move(fake, "b");
		service.reach(true);
		while (!fake.control.isEmpty()) {
			FakeFleet.runOne(fake.control);
		}
		assertThat(group(fake).routing().members()).isEmpty();
		assertThat(fake.io).as("it is let move").hasSize(1);
		service.reach(false);
		FakeFleet.runOne(fake.io);
		service.reach(true);
		fake.settle();
		assertThat(service.state()).isEqualTo(Availability.DRAINING);
		service.drop();
		fake.settle();
		service.connect();
		fake.settle();
		assertThat(service.config().address()).isEqualTo("b");
		assertThat(group(fake).routing().members()).containsExactly(service);
		assertThat(fake.failures).isEmpty();
	}

	@Test
	void whenAnInstanceLeavesWhileItMovesThenItsEndIsTold() {
		for (RemovalMode mode : RemovalMode.values()) {
			FakeFleet fake = connected(mode);
			FakeFleet.Service service = service(fake);
			move(fake, "b");
			service.reach(true);
			fake.apply(Map.of());
			fake.settle();
			service.drop();
			fake.settle();
			assertThat(fake.live).as("%s", mode).isEmpty();
			assertThat(fake.closed).as("%s", mode).containsExactly(service);
			assertThat(fake.failures).as("%s", mode).isEmpty();
		}
	}

	@Test
	void whenTheFleetIsDrainedWhileAnInstanceMovesThenItsEndIsTold() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		move(fake, "b");
		service.reach(true);
		CompletableFuture<Void> drained = fake.fleet.drain();
		fake.settle();
		service.drop();
		fake.settle();
		assertThat(drained).isCompleted();
		assertThat(fake.closed).containsExactly(service);
		assertThat(fake.failures).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(names = { "DRAIN", "IMMEDIATE" })
	void whenAnInstanceLeavesThenTheRingsWithoutItArePublishedBeforeItsConnectionEnds(RemovalMode mode) {
		FakeFleet fake = connected(mode);
		FakeFleet.Service service = service(fake);
		FakeFleet.Group group = group(fake);
		fake.apply(Map.of());
		while (fake.io.isEmpty()) {
			assertThat(fake.control).isNotEmpty();
			FakeFleet.runOne(fake.control);
		}
		assertThat(service.ready()).isTrue();
		assertThat(group.routing().members()).isEmpty();
		fake.settle();
		assertThat(service.ready()).isFalse();
	}

	@Test
	void whenAnInstanceIsListedAgainBeforeItsDrainBeginsThenItServesOn() {
		FakeFleet fake = connected(RemovalMode.DRAIN);
		FakeFleet.Service service = service(fake);
		fake.apply(Map.of());
		FakeFleet.runOne(fake.control);
		move(fake, "a");
		assertThat(service(fake)).isSameAs(service);
		assertThat(group(fake).routing().members()).containsExactly(service);
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
	void whenAServiceThatHasClosedCannotBeMadeAnewThenTheNextSnapshotTriesAgain() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		ServiceConfig config = service.config();
		fake.apply(Map.of());
		fake.settle();
		fake.servicesFail = true;
		fake.apply(Map.of(ServiceKey.of(config), config));
		service.drop();
		fake.settle();
		assertThat(fake.live).isEmpty();
		fake.servicesFail = false;
		fake.apply(Map.of(ServiceKey.of(config), config));
		fake.settle();
		assertThat(fake.live).hasSize(1).doesNotContain(service);
	}

	@Test
	void whenADrainedServiceMovesThenItIsDrainedThere() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		fake.fleet.drained("game", "game-1", true);
		move(fake, "b");
		service.reach(true);
		fake.settle();
		service.drop();
		fake.settle();
		service.connect();
		fake.settle();
		assertThat(service.config().address()).isEqualTo("b");
		assertThat(service.ready()).isTrue();
		assertThat(service.availability()).isEqualTo(Availability.DRAINING);
		assertThat(group(fake).routing().members()).isEmpty();
	}

	@Test
	void whenFirstAttemptsFailThenWhoWaitsHearsThatWhenAllHaveEnded() {
		FakeFleet fake = new FakeFleet(RemovalMode.ON_DISCONNECT);
		ServiceConfig up = ServiceConfig.tcp("game", "game-1", "a", 1);
		ServiceConfig dead = ServiceConfig.tcp("game", "game-2", "b", 1);
		CompletableFuture<Boolean> before = fake.fleet.whenSettled(Duration.ofMinutes(1));
		fake.settle();
		assertThat(before).as("before the first snapshot").isNotDone();
		fake.apply(Map.of(ServiceKey.of(up), up, ServiceKey.of(dead), dead));
		fake.settle();
		fake.live.stream().filter((service) -> service.id().equals("game-2")).forEach(FakeFleet.Service::fail);
		fake.settle();
		assertThat(before).as("while one attempt goes on").isNotDone();
		fake.live.stream().filter((service) -> service.id().equals("game-1")).forEach(FakeFleet.Service::connect);
		fake.settle();
		assertThat(before).isCompletedWithValue(false);
		CompletableFuture<Boolean> later = fake.fleet.whenSettled(Duration.ofMinutes(1));
		fake.settle();
		assertThat(later).isCompletedWithValue(false);
		fake.live.forEach(FakeFleet.Service::connect);
		fake.settle();
		CompletableFuture<Boolean> last = fake.fleet.whenSettled(Duration.ofMinutes(1));
		fake.settle();
		assertThat(last).isCompletedWithValue(true);
	}

	@Test
	void whenAServiceIsOnItsWayOutThenNobodyWaitsForIt() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		fake.apply(Map.of());
		fake.settle();
		assertThat(fake.live).containsExactly(service);
		CompletableFuture<Boolean> allUsable = fake.fleet.whenSettled(Duration.ofMinutes(1));
		fake.settle();
		assertThat(allUsable).isCompletedWithValue(true);
	}

	@Test
	void whenAServiceIsDrainedThenNobodyWaitsForItToBeUsable() {
		FakeFleet fake = new FakeFleet(RemovalMode.ON_DISCONNECT);
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "a", 1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		CompletableFuture<Boolean> allUsable = fake.fleet.whenSettled(Duration.ofMinutes(1));
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
	void whenASuspendedServiceMovesThenItIsThereAtOnceAndNotDialled() {
		FakeFleet fake = connected();
		FakeFleet.Service service = service(fake);
		fake.fleet.suspended("game", "game-1", true);
		fake.settle();
		service.drop();
		fake.settle();
		move(fake, "b");
		assertThat(service(fake)).isSameAs(service);
		assertThat(service.config().address()).isEqualTo("b");
		service.connect();
		assertThat(service.connected()).as("it is not dialled").isFalse();
		fake.fleet.suspended("game", "game-1", false);
		fake.settle();
		service.connect();
		fake.settle();
		assertThat(service.usable()).isTrue();
	}

	@Test
	void whenAServiceIsSuspendedThenNobodyWaitsForItToBeUsable() {
		FakeFleet fake = new FakeFleet(RemovalMode.ON_DISCONNECT);
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "a", 1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		CompletableFuture<Boolean> allUsable = fake.fleet.whenSettled(Duration.ofMinutes(1));
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

	/** The only instance is elsewhere. */
	private static void move(FakeFleet fake, String address) {
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", address, 1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		fake.settle();
	}

	private static FakeFleet connected() {
		return connected(RemovalMode.ON_DISCONNECT);
	}

	/** A fleet of one service that is ready. */
	private static FakeFleet connected(RemovalMode mode) {
		FakeFleet fake = new FakeFleet(mode);
		ServiceConfig config = ServiceConfig.tcp("game", "game-1", "a", 1);
		fake.apply(Map.of(ServiceKey.of(config), config));
		fake.settle();
		service(fake).connect();
		fake.settle();
		return fake;
	}

	private static FakeFleet.Service service(FakeFleet fake) {
		return group(fake).getService("game-1");
	}

	private static FakeFleet.Group group(FakeFleet fake) {
		return Objects.requireNonNull(fake.fleet.groups().get("game"));
	}

}
