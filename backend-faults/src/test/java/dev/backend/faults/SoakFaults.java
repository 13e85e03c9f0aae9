package dev.backend.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.backend.faults.SoakFleet.Instance;
import dev.backend.fleet.FleetBackend;
import dev.backend.tcp.TcpBackend;

/**
 * Does something bad to a random instance again and again, and to the registry now and
 * then. One thread; the seed decides what, whom and for how long.
 */
final class SoakFaults implements AutoCloseable {

	private static final Duration PAUSE = Duration.ofMillis(100);

	/** Every so many steps, it is the registry's turn. */
	private static final int REGISTRY = 60;

	private final SoakFleet fleet;

	private final List<FleetBackend<?, ?>> backends;

	private final Random random;

	private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);

	private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();

	private final List<Runnable> healings = new ArrayList<>();

	private long steps;

	private boolean registryAway;

	SoakFaults(SoakFleet fleet, List<FleetBackend<?, ?>> backends, long seed) {
		this.fleet = fleet;
		this.backends = backends;
		this.random = new Random(seed);
	}

	/** Goes on for a time, and returns when everything is healed. */
	void run(Duration duration) throws InterruptedException, ExecutionException {
		Future<?> striking = this.executor.scheduleWithFixedDelay(this::strike, 0, PAUSE.toMillis(),
				TimeUnit.MILLISECONDS);
		this.executor.schedule(() -> striking.cancel(false), duration.toMillis(), TimeUnit.MILLISECONDS).get();
		this.executor.submit(() -> List.copyOf(this.healings).forEach(Runnable::run)).get();
	}

	Map<Kind, Integer> counts() {
		return this.counts;
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
	}

	private void strike() {
		this.steps++;
		if (this.steps % REGISTRY == REGISTRY / 2 && !this.registryAway) {
			strikeRegistry((this.steps / REGISTRY % 2 == 0) ? Kind.REGISTRY_KILLED : Kind.REGISTRY_SUSPENDED);
			return;
		}
		Kind[] kinds = Kind.values();
		Kind kind = kinds[this.random.nextInt(Kind.REGISTRY_KILLED.ordinal())];
		Instance instance = this.fleet.instances().get(this.random.nextInt(this.fleet.instances().size()));
		this.counts.merge(kind, 1, Integer::sum);
		strike(kind, instance);
	}

	private void strike(Kind kind, Instance instance) {
		switch (kind) {
			case RESET -> instance.proxy().reset();
			case HALF_CLOSED -> instance.proxy().halfClose();
			case HALF_OPEN -> instance.proxy().freeze();
			case GARBAGE -> instance.proxy().inject(garbage());
			case REFUSING -> healLater(instance, () -> instance.proxy().refuse());
			case BLACK_HOLE -> healLater(instance, () -> instance.proxy().blackhole());
			case SLOW -> healLater(instance, () -> instance.proxy().slow(Duration.ofMillis(this.random.nextInt(500))));
			case SLICED -> healLater(instance, () -> instance.proxy().slice(1 + this.random.nextInt(10)));
			case MOVED -> instance.move();
			case TAGGED -> instance.tag((this.random.nextBoolean()) ? "eu" : "us");
			case DRAINED -> drain(instance);
			case SUSPENDED -> suspend(instance);
			default -> throw new IllegalArgumentException(kind.name());
		}
	}

	private byte[] garbage() {
		byte[] garbage = new byte[1 + this.random.nextInt(100)];
		this.random.nextBytes(garbage);
		return garbage;
	}

	private void healLater(Instance instance, Runnable fault) {
		fault.run();
		later(3000, () -> instance.proxy().heal());
	}

	private void drain(Instance instance) {
		String name = instance.config().name();
		String id = instance.config().id();
		for (FleetBackend<?, ?> backend : this.backends) {
			if (backend.findService(name, id) != null) {
				backend.drain(name, id);
				later(2000, () -> backend.undrain(name, id));
			}
		}
	}

	private void suspend(Instance instance) {
		String name = instance.config().name();
		String id = instance.config().id();
		for (FleetBackend<?, ?> backend : this.backends) {
			if (backend instanceof TcpBackend<?> tcp && tcp.findService(name, id) != null) {
				tcp.suspend(name, id);
				later(2000, () -> tcp.resume(name, id));
			}
		}
	}

	private void strikeRegistry(Kind kind) {
		this.counts.merge(kind, 1, Integer::sum);
		this.registryAway = true;
		boolean killed = kind == Kind.REGISTRY_KILLED;
		if (killed) {
			this.fleet.redis().kill();
		}
		else {
			this.fleet.redis().suspend();
		}
		later(4000, () -> {
			if (killed) {
				this.fleet.redis().start();
			}
			else {
				this.fleet.redis().resume();
			}
			this.registryAway = false;
		});
	}

	/** Undoes something after a random time, at the end at the latest. */
	private void later(int maximumMillis, Runnable healing) {
		Runnable once = new Runnable() {
			@Override
			public void run() {
				if (SoakFaults.this.healings.remove(this)) {
					healing.run();
				}
			}
		};
		this.healings.add(once);
		this.executor.schedule(once, 50 + this.random.nextInt(maximumMillis), TimeUnit.MILLISECONDS);
	}

	/** What happens to an instance, and, at the end, to the registry. */
	enum Kind {

		RESET, HALF_CLOSED, HALF_OPEN, GARBAGE, REFUSING, BLACK_HOLE, SLOW, SLICED, MOVED, TAGGED, DRAINED, SUSPENDED,

		REGISTRY_KILLED, REGISTRY_SUSPENDED

	}

}
