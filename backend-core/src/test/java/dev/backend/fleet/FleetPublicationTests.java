package dev.backend.fleet;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.routing.ConsistentHash;
import dev.backend.routing.HashRing;
import dev.backend.routing.RingMember;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When a {@link Fleet} publishes the rings of a group, and what becomes of the others if
 * one cannot be published.
 */
@Timeout(60)
class FleetPublicationTests {

	private final Map<ServiceKey, ServiceConfig> desired = new HashMap<>();

	@Test
	void whenTheRingsOfAGroupCannotBeMadeThenItKeepsItsLastAndTheOthersArePublished() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE, new NoMoreThanOne());
		connect(fake, "full", 1);
		assertThat(group(fake, "full").routing().members()).hasSize(1);
		connect(fake, "full", 2);
		connect(fake, "other", 1);
		assertThat(group(fake, "other").routing().members()).hasSize(1);
		assertThat(group(fake, "other").routingFailure()).isNull();
		assertThat(fake.live).filteredOn((service) -> service.name().equals("other"))
			.allMatch(FakeFleet.Service::announced);
		FakeFleet.Group full = group(fake, "full");
		assertThat(full.services()).hasSize(2);
		assertThat(full.routing().members()).hasSize(1);
		assertThat(full.routingFailure()).isInstanceOf(IllegalArgumentException.class).hasMessage("2 members");
		assertThat(full.notFound(Route.any())).hasMessageStartingWith(
				"No usable service full for any: the rings could not be made (2 members); 2 known: {");
		CompletableFuture<Boolean> settled = fake.fleet.whenSettled(Duration.ofMinutes(1));
		fake.settle();
		assertThat(settled).as("without its time-out").isCompletedWithValue(false);
		assertThat(fake.fleet.drained("other", "id-0", true)).isNotDone();
		CompletableFuture<Void> drained = fake.fleet.drained("full", "id-0", true);
		fake.settle();
		assertThat(drained).isCompleted();
		assertThat(full.routing().members()).extracting(FakeFleet.Service::id).containsExactly("id-1");
		assertThat(full.routing().members()).as("told now").allMatch(FakeFleet.Service::announced);
		assertThat(full.routingFailure()).isNull();
		assertThat(group(fake, "other").routing().members()).isEmpty();
	}

	@Test
	void whenAPublicationIsExpensiveThenFurtherChangesOfTheGroupArePublishedTogether() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE);
		connect(fake, "game", 10);
		FakeFleet.Group game = group(fake, "game");
		fake.cost(Duration.ofMillis(5));
		drain(fake, 0);
		long before = game.ringRebuilds();
		drain(fake, 1);
		CompletableFuture<Void> last = drain(fake, 2);
		assertThat(game.ringRebuilds()).isEqualTo(before);
		assertThat(last).isNotDone();
		connect(fake, "chat", 1);
		assertThat(group(fake, "chat").routing().members()).as("a group of its own").hasSize(1);
		assertThat(game.ringRebuilds()).as("together").isEqualTo(before + 1);
		assertThat(last).isCompleted();
		assertThat(game.routing().members()).hasSize(7);
	}

	@Test
	void whenAPublicationTakesVeryLongThenTheNextComesAfterAFifthOfASecond() {
		Pace pace = new Pace();
		assertThat(pace.delay(0)).as("the first").isZero();
		pace.published(0, Duration.ofSeconds(1).toNanos());
		assertThat(pace.delay(Duration.ofSeconds(1).toNanos())).isEqualTo(Duration.ofMillis(200).toNanos());
		assertThat(pace.delay(Duration.ofMillis(1199).toNanos())).isEqualTo(Duration.ofMillis(1).toNanos());
		assertThat(pace.delay(Duration.ofSeconds(2).toNanos())).isZero();
		pace.published(0, Duration.ofNanos(100_000).toNanos());
		assertThat(pace.delay(Duration.ofNanos(100_000).toNanos())).as("a small group").isZero();
	}

	@Test
	void whenNobodyIsRoutedYetThenTheFirstReadyInstanceIsPublishedAtOnce() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE);
		fake.cost(Duration.ofMillis(50));
		desire("game", 2);
		fake.apply(this.desired);
		fake.runQueued();
		fake.live.iterator().next().connect();
		fake.runQueued();
		assertThat(group(fake, "game").routing().members()).hasSize(1);
	}

	@Test
	void whenTheFleetIsDrainedThenNoPublicationWaits() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE);
		connect(fake, "game", 10);
		fake.cost(Duration.ofMillis(50));
		drain(fake, 0);
		CompletableFuture<Void> waiting = drain(fake, 1);
		assertThat(waiting).isNotDone();
		fake.fleet.drain();
		fake.runQueued();
		assertThat(waiting).isCompleted();
		assertThat(group(fake, "game").routing().members()).isEmpty();
	}

	@Test
	void whenAGroupCannotBeMadeThenTheOthersAreAppliedAndItIsTriedAgain() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE);
		connect(fake, "gone", 1);
		this.desired.clear();
		fake.failingGroups.add("bad");
		desire("bad", 1);
		List.of("a", "b", "c", "d").forEach((name) -> desire(name, 1));
		DiscoverySnapshot snapshot = fake.apply(this.desired);
		CompletableFuture<Boolean> usable = fake.fleet.whenSettled(Duration.ofMinutes(1));
		fake.settle();
		fake.live.forEach(FakeFleet.Service::connect);
		fake.settle();
		assertThat(fake.fleet.groups()).containsOnlyKeys("a", "b", "c", "d");
		assertThat(usable).isCompletedWithValue(true);
		fake.failingGroups.clear();
		fake.fleet.apply(snapshot);
		fake.settle();
		assertThat(fake.fleet.groups()).containsOnlyKeys("a", "b", "c", "d", "bad");
		assertThat(fake.failures).isEmpty();
	}

	@Test
	void whenAGroupThatWaitsForItsTurnLosesAllAndAnotherComesThenWhoHoldsItFindsItEmpty() {
		FakeFleet fake = new FakeFleet(RemovalMode.IMMEDIATE);
		connect(fake, "game", 10);
		FakeFleet.Group game = group(fake, "game");
		fake.cost(Duration.ofMillis(5));
		drain(fake, 0);
		this.desired.clear();
		desire("chat", 1);
		fake.apply(this.desired);
		fake.runQueued();
		assertThat(fake.fleet.groups()).as("while game has yet to be published").containsKeys("game", "chat");
		fake.settle();
		assertThat(fake.fleet.groups()).containsOnlyKeys("chat");
		assertThat(fake.closed).hasSize(10);
		assertThat(game.services()).isEmpty();
		assertThat(game.routing().members()).isEmpty();
		assertThat(fake.failures).isEmpty();
	}

	private CompletableFuture<Void> drain(FakeFleet fake, int instance) {
		CompletableFuture<Void> drained = fake.fleet.drained("game", "id-" + instance, true);
		fake.runQueued();
		return drained;
	}

	private void connect(FakeFleet fake, String name, int instances) {
		desire(name, instances);
		fake.apply(this.desired);
		fake.settle();
		fake.live.forEach(FakeFleet.Service::connect);
		fake.settle();
	}

	private void desire(String name, int instances) {
		for (int i = 0; i < instances; i++) {
			ServiceConfig config = ServiceConfig.tcp(name, "id-" + i, "a", 1);
			this.desired.put(ServiceKey.of(config), config);
		}
	}

	private static FakeFleet.Group group(FakeFleet fake, String name) {
		return Objects.requireNonNull(fake.fleet.groups().get(name));
	}

	/** Throws where a ring would have two members. */
	private static final class NoMoreThanOne implements ConsistentHash {

		@Override
		public <T> HashRing<T> ring(Collection<RingMember<T>> members) {
			return new LimitedRing<>(ConsistentHash.gobase().ring(members));
		}

	}

	private record LimitedRing<T>(HashRing<T> ring) implements HashRing<T> {

		@Override
		public @Nullable T owner(String key) {
			return this.ring.owner(key);
		}

		@Override
		public List<T> owners(String key, int count) {
			return this.ring.owners(key, count);
		}

		@Override
		public @Nullable T any() {
			return this.ring.any();
		}

		@Override
		public List<T> any(int count) {
			return this.ring.any(count);
		}

		@Override
		public HashRing<T> update(Collection<RingMember<T>> put, Collection<String> removed) {
			HashRing<T> updated = this.ring.update(put, removed);
			if (updated.size() > 1) {
				throw new IllegalArgumentException("%d members".formatted(updated.size()));
			}
			return new LimitedRing<>(updated);
		}

		@Override
		public int size() {
			return this.ring.size();
		}

		@Override
		public Map<String, Double> shares() {
			return this.ring.shares();
		}

		@Override
		public List<Arc> arcs() {
			return this.ring.arcs();
		}

	}

}
