package dev.backend.fleet;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.backend.Availability;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One run of a {@link FakeFleet} from a seed: random steps, after which the fleet is as
 * the last snapshot says and every event had its counterpart.
 */
final class FleetModel {

	private final Random random;

	private final FakeFleet fake;

	private final RemovalMode mode;

	private final String description;

	private final Map<ServiceKey, ServiceConfig> desired = new LinkedHashMap<>();

	private final Set<ServiceKey> drained = new HashSet<>();

	private final Set<ServiceKey> suspended = new HashSet<>();

	/** What each of these waits for, of the last call for its instance. */
	private final Map<ServiceKey, CompletableFuture<Void>> suspensions = new HashMap<>();

	FleetModel(RemovalMode mode, long seed) {
		this.mode = mode;
		this.description = mode + ", seed " + seed;
		this.random = new Random(seed);
		this.fake = new FakeFleet(mode);
	}

	/**
	 * Runs it.
	 * @param steps how many steps; a fifth as many follow while the fleet ends
	 */
	void run(int steps) {
		try {
			for (int step = 0; step < steps; step++) {
				step();
			}
			end(steps);
		}
		catch (RuntimeException ex) {
			throw new IllegalStateException(this.description, ex);
		}
	}

	private void end(int steps) {
		this.fake.settle();
		checkSettled();
		finish();
		drain(steps / 5);
	}

	private void step() {
		switch (this.random.nextInt(22)) {
			case 0, 17 -> applySnapshot();
			case 1, 2 -> anyService().forEach(FakeFleet.Service::connect);
			case 3 -> anyService().forEach(FakeFleet.Service::open);
			case 4 -> anyService().forEach(FakeFleet.Service::drop);
			case 18 -> dropAllOrSome();
			case 5 -> {
				this.fake.settle();
				checkSettled();
			}
			case 20 -> anyService().forEach((service) -> service.reach(true));
			case 21 -> anyService().forEach((service) -> service.reach(this.random.nextBoolean()));
			case 6 -> drainOrUndrain();
			case 19 -> suspendOrResume();
			case 7, 8, 9, 10, 11 -> FakeFleet.runOne(this.fake.control);
			default -> FakeFleet.runOne(this.fake.io);
		}
	}

	/** The peers restart, at once or a few of them. */
	private void dropAllOrSome() {
		boolean all = this.random.nextBoolean();
		List.copyOf(this.fake.live)
			.stream()
			.filter((service) -> all || this.random.nextInt(3) == 0)
			.forEach(FakeFleet.Service::drop);
	}

	private void drainOrUndrain() {
		ServiceKey key = new ServiceKey("group-" + this.random.nextInt(2), "id-" + this.random.nextInt(4));
		boolean drain = this.random.nextInt(3) == 0;
		if (drain) {
			this.drained.add(key);
		}
		else {
			this.drained.remove(key);
		}
		this.fake.fleet.drained(key.name(), key.id(), drain);
	}

	private void suspendOrResume() {
		ServiceKey key = new ServiceKey("group-" + this.random.nextInt(2), "id-" + this.random.nextInt(4));
		boolean suspend = this.random.nextInt(3) > 0;
		if (suspend) {
			this.suspended.add(key);
		}
		else {
			this.suspended.remove(key);
		}
		this.suspensions.put(key, this.fake.fleet.suspended(key.name(), key.id(), suspend));
	}

	private List<FakeFleet.Service> anyService() {
		List<FakeFleet.Service> all = List.copyOf(this.fake.live);
		return all.isEmpty() ? List.of() : List.of(all.get(this.random.nextInt(all.size())));
	}

	private void applySnapshot() {
		for (int i = this.random.nextInt(5); i >= 0; i--) {
			int id = this.random.nextInt(4);
			// A place of its own for each id: what is at that of another was renamed.
			ServiceConfig config = ServiceConfig
				.tcp("group-" + this.random.nextInt(2), "id-" + id, (this.random.nextInt(3) > 0) ? "a" : "b", 1 + id)
				.withTags(this.random.nextBoolean() ? Set.of("x") : Set.of("y", "z"));
			if (this.random.nextInt(3) > 0) {
				this.desired.put(ServiceKey.of(config), config);
			}
			else {
				this.desired.remove(ServiceKey.of(config));
			}
		}
		this.fake.apply(this.desired);
	}

	private Map<ServiceKey, FakeFleet.Service> listed() {
		Map<ServiceKey, FakeFleet.Service> listed = new HashMap<>();
		this.fake.fleet.groups().forEach((name, group) -> {
			assertThat(group.services()).as("empty group, %s", this.description).isNotEmpty();
			group.services().forEach((service) -> listed.put(ServiceKey.of(service.config()), service));
		});
		return listed;
	}

	private void checkSettled() {
		assertThat(this.fake.failures).as(this.description).isEmpty();
		Map<ServiceKey, FakeFleet.Service> listed = listed();
		assertThat(listed.keySet()).as(this.description).containsAll(this.desired.keySet());
		assertThat(this.fake.live).as(this.description).containsAll(listed.values());
		listed.forEach((key, service) -> {
			assertThat(service.drained()).as("%s drained, %s", service, this.description)
				.isEqualTo(this.drained.contains(key));
			assertThat(service.suspended()).as("%s suspended, %s", service, this.description)
				.isEqualTo(this.suspended.contains(key));
			ServiceConfig config = this.desired.get(key);
			if (config == null) {
				checkUndesired(service);
			}
			else {
				checkDesired(service, config);
			}
		});
		this.suspensions.forEach((key, suspension) -> assertThat(suspension.isDone())
			.as("%s is suspended and closed, or resumed, %s", key, this.description)
			.isEqualTo(!this.suspended.contains(key) || !connected(key, listed)));
		checkUnlisted(listed);
		this.fake.fleet.groups().values().forEach(this::checkRings);
	}

	private static boolean connected(ServiceKey key, Map<ServiceKey, FakeFleet.Service> listed) {
		FakeFleet.Service service = listed.get(key);
		return service != null && service.connected();
	}

	private void checkUndesired(FakeFleet.Service service) {
		boolean allowed = switch (this.mode) {
			case ON_DISCONNECT -> service.withdrawn() && service.connected();
			case DRAIN -> service.stateAvailability() == Availability.DRAINING;
			case IMMEDIATE -> false;
		};
		assertThat(allowed).as("%s is there yet, %s", service, this.description).isTrue();
	}

	private void checkDesired(FakeFleet.Service service, ServiceConfig config) {
		if (service.config().sameEndpoint(config)) {
			assertThat(service.config()).as(this.description).isEqualTo(config);
			assertThat(service.withdrawn()).as(this.description).isFalse();
			checkState(service);
		}
		else {
			assertThat(service.moves()).as("%s to %s, %s", service, config, this.description).isTrue();
			assertThat(service.withdrawn()).as(this.description).isFalse();
			assertThat(service.connected()).as("or it would be there, %s", this.description).isTrue();
			checkState(service);
		}
	}

	private void checkState(FakeFleet.Service service) {
		boolean suspended = this.suspended.contains(ServiceKey.of(service.config()));
		Set<Availability> allowed = EnumSet.of(Availability.UNAVAILABLE, Availability.READY);
		if (suspended) {
			allowed = EnumSet.of(service.connected() ? Availability.DRAINING : Availability.UNAVAILABLE);
		}
		if (service.moves() && service.connected()) {
			allowed = EnumSet.of(Availability.DRAINING, Availability.UNAVAILABLE, Availability.READY);
		}
		assertThat(service.stateAvailability()).as("%s, %s", service, this.description).isIn(allowed);
		assertThat(service.retired()).as("%s retired, %s", service, this.description).isEqualTo(service.readyToMove());
		assertThat(service.resting()).as("%s, %s", service, this.description)
			.isEqualTo(suspended && !service.connected());
	}

	/** Beside those in a group, none is alive. */
	private void checkUnlisted(Map<ServiceKey, FakeFleet.Service> listed) {
		Set<FakeFleet.Service> unlisted = new HashSet<>(this.fake.live);
		unlisted.removeAll(listed.values());
		assertThat(unlisted).as(this.description).isEmpty();
	}

	private void checkRings(FakeFleet.Group group) {
		List<FakeFleet.Service> usable = group.services()
			.stream()
			.filter((service) -> service.ready() && !this.drained.contains(ServiceKey.of(service.config())))
			.toList();
		assertThat(group.routing().members()).as(this.description).containsExactlyInAnyOrderElementsOf(usable);
		assertThat(usable).as("ready was told, %s", this.description).allMatch(FakeFleet.Service::announced);
		Map<String, Set<String>> byTag = new TreeMap<>();
		usable.forEach((service) -> service.config()
			.tags()
			.forEach((tag) -> byTag.computeIfAbsent(tag, (key) -> new HashSet<>()).add(service.id())));
		assertThat(group.routing().tags()).as(this.description).isEqualTo(byTag.keySet());
		byTag.forEach((tag,
				ids) -> assertThat(IntStream.range(0, 200)
					.mapToObj((i) -> group.routing().find("key-" + i, tag))
					.map((service) -> (service != null) ? service.id() : "none")
					.collect(Collectors.toSet())).as(this.description).isSubsetOf(ids).isNotEmpty());
	}

	/** All connections that are to end do, and all others come up. */
	private void finish() {
		Set.copyOf(this.drained).forEach((key) -> this.fake.fleet.drained(key.name(), key.id(), false));
		this.drained.clear();
		Set.copyOf(this.suspended).forEach((key) -> this.fake.fleet.suspended(key.name(), key.id(), false));
		this.suspended.clear();
		CompletableFuture<Boolean> allUsable = this.fake.fleet.whenSettled(Duration.ofMinutes(1));
		for (int i = 0; i < 3; i++) {
			List.copyOf(this.fake.live)
				.stream()
				.filter((service) -> service.withdrawn() || service.moves()
						|| service.stateAvailability() == Availability.DRAINING)
				.forEach(FakeFleet.Service::drop);
			this.fake.settle();
			List.copyOf(this.fake.live).forEach(FakeFleet.Service::connect);
			this.fake.settle();
		}
		checkSettled();
		Map<ServiceKey, ServiceConfig> present = new HashMap<>();
		listed().forEach((key, service) -> present.put(key, service.config()));
		assertThat(present).as(this.description).isEqualTo(this.desired);
		assertThat(this.fake.live).as(this.description).hasSize(present.size()).allMatch(FleetService::usable);
		assertThat(allUsable).as(this.description).isCompletedWithValue(true);
	}

	/** Ends the fleet, at a moment when some are up, some down and some replaced. */
	private void drain(int steps) {
		for (int step = 0; step < steps; step++) {
			step();
		}
		CompletableFuture<Void> drained = this.fake.fleet.drain();
		for (int i = 0; i < 2; i++) {
			this.fake.apply(this.desired);
			this.fake.settle();
			List.copyOf(this.fake.live).forEach(FakeFleet.Service::drop);
			this.fake.settle();
		}
		assertThat(drained).as(this.description).isCompleted();
		assertThat(this.suspensions.values()).as(this.description).allMatch(CompletableFuture::isDone);
		assertThat(this.fake.failures).as(this.description).isEmpty();
		assertThat(this.fake.connected).as(this.description).isEmpty();
		assertThat(this.fake.live).as(this.description).isEmpty();
		assertThat(this.fake.fleet.groups()).as(this.description).isEmpty();
	}

}
