package dev.backend.fleet;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

import dev.backend.Availability;
import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.execution.SerialExecutor;
import dev.backend.logging.FailureLog;
import dev.backend.routing.ConsistentHash;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A {@link Fleet} whose control thread and whose connections are two queues that a test
 * runs task by task, in any interleaving. Its services move as those of TCP do.
 */
final class FakeFleet implements FleetProtocol<FakeFleet.Service, FakeFleet.Group>, BackendListener {

	/** Longer than anything is put off. */
	private static final Duration LONG = Duration.ofMinutes(1);

	final Queue<Runnable> control = new ArrayDeque<>();

	final Queue<Runnable> io = new ArrayDeque<>();

	/** How many moves were told. */
	int moves;

	/** Whether a service cannot be told any more that it is drained. */
	boolean loopsEnded;

	/** The names of which no group can be made. */
	final Set<String> failingGroups = new HashSet<>();

	/** Whether no service can be made. */
	boolean servicesFail;

	/** As sources do, the same object for as long as an entry is the same. */
	private final Map<ServiceConfig, DiscoveredInstance> entries = new HashMap<>();

	/** What the control thread is to do when its time has come. */
	private final List<Later> later = new ArrayList<>();

	private long now;

	/** How long whatever the engine measures takes. */
	private long cost;

	final Set<Service> live = new LinkedHashSet<>();

	final List<Service> closed = new ArrayList<>();

	/** What did not hold in a callback, where the engine logs what is thrown. */
	final List<AssertionError> failures = new ArrayList<>();

	/** Those whose connection was told of last. */
	final Set<Service> connected = new HashSet<>();

	/** Those that could be looked up when they were told to be added. */
	final Set<Service> found = new HashSet<>();

	final Fleet<Service, Group> fleet;

	private final RemovalMode removalMode;

	private final ConsistentHash algorithm;

	private final FailureLog failureLog = new FailureLog(System::nanoTime);

	FakeFleet(RemovalMode removalMode) {
		this(removalMode, ConsistentHash.gobase());
	}

	FakeFleet(RemovalMode removalMode, ConsistentHash algorithm) {
		this.removalMode = removalMode;
		this.algorithm = algorithm;
		this.fleet = new Fleet<>("fake", this,
				(entry) -> ServiceConfig.tcp(entry.name(), entry.id(), entry.address(), entry.port())
					.withTags(entry.tags()),
				new LossProtection("fake", Duration.ZERO, Duration.ZERO), (config) -> new StringBuilder(config.id()),
				new FleetOwner() {

					@Override
					public String backend() {
						return "test";
					}

					@Override
					public CompletableFuture<Void> suspended(String name, String id, boolean suspended) {
						return FakeFleet.this.suspended(name, id, suspended);
					}

					@Override
					public @Nullable String ended() {
						return null;
					}
				}, new ControlQueue(), this.failureLog);
	}

	private CompletableFuture<Void> suspended(String name, String id, boolean suspended) {
		return this.fleet.suspended(name, id, suspended);
	}

	/** What the engine measures takes so long from now on. */
	void cost(Duration cost) {
		this.cost = cost.toNanos();
	}

	DiscoverySnapshot apply(Map<ServiceKey, ServiceConfig> desired) {
		DiscoverySnapshot snapshot = DiscoverySnapshot.of(desired.values()
			.stream()
			.map((config) -> this.entries.computeIfAbsent(config, FakeFleet::entry))
			.toList());
		this.fleet.apply(snapshot);
		return snapshot;
	}

	private static DiscoveredInstance entry(ServiceConfig config) {
		return new DiscoveredInstance(config.name(), config.id(), config.scheme(), config.address(), config.port(),
				List.copyOf(config.tags()), Map.of());
	}

	/** Runs all that is queued, and what that queues, now or later. */
	void settle() {
		runQueued();
		while (pass(LONG)) {
			runQueued();
		}
	}

	/** Runs all that is queued, and what that queues, at this moment. */
	void runQueued() {
		while (!this.control.isEmpty() || !this.io.isEmpty()) {
			runOne(this.io);
			runOne(this.control);
		}
	}

	/** Lets time pass, and returns whether something has become due. */
	boolean pass(Duration time) {
		this.now += time.toNanos();
		List<Later> due = this.later.stream().filter((later) -> later.at() - this.now <= 0).toList();
		this.later.removeAll(due);
		due.forEach((later) -> this.control.add(later.task()));
		return !due.isEmpty();
	}

	static void runOne(Queue<Runnable> queue) {
		Runnable task = queue.poll();
		if (task != null) {
			task.run();
		}
	}

	private void expect(boolean condition, String failure, Object service) {
		if (!condition) {
			this.failures.add(new AssertionError(failure + ": " + service));
		}
	}

	@Override
	public Group newGroup(String name) {
		if (this.failingGroups.contains(name)) {
			throw new IllegalStateException("no group of that name");
		}
		return new Group(name, this.algorithm);
	}

	@Override
	public Service newService(Group group, ServiceConfig config, @Nullable Object info) {
		assertThat(info).isNotNull().hasToString(config.id());
		if (this.servicesFail) {
			throw new IllegalStateException("no service can be made");
		}
		return new Service(config, info);
	}

	@Override
	public RemovalMode removalMode() {
		return this.removalMode;
	}

	@Override
	public void onAdded(BackendService service) {
		expect(!this.closed.contains(service), "added after its end", service);
		expect(this.live.stream()
			.map((other) -> ServiceKey.of(other.config()))
			.noneMatch(ServiceKey.of(service.config())::equals), "added beside another one of its id", service);
		expect(this.live.add((Service) service), "added twice", service);
		Group group = this.fleet.groups().get(service.name());
		if (group != null && group.findService(service.id()) == service) {
			this.found.add((Service) service);
		}
	}

	@Override
	public void onMoved(BackendService service, ServiceConfig from) {
		expect(this.live.contains(service), "moved, but not added", service);
		expect(!this.connected.contains(service), "moved, but not disconnected", service);
		this.moves++;
	}

	@Override
	public void onConnected(BackendService service) {
		expect(this.live.contains(service), "connected, but not added", service);
		expect(this.connected.add((Service) service), "connected twice", service);
	}

	@Override
	public void onDisconnected(BackendService service, @Nullable Throwable cause) {
		expect(this.connected.remove(service), "disconnected, but was not connected", service);
	}

	@Override
	public void onRemoved(BackendService service) {
		expect(!this.connected.contains(service), "removed, but not disconnected", service);
		expect(this.live.remove(service), "removed, but not there", service);
		this.closed.add((Service) service);
	}

	/** Its time is that of the test, which a publication does not use up by itself. */
	private final class ControlQueue implements ControlThread {

		@Override
		public void execute(Runnable task) {
			FakeFleet.this.control.add(task);
		}

		@Override
		public void schedule(Runnable task, long nanos) {
			FakeFleet.this.later.add(new Later(FakeFleet.this.now + nanos, task));
		}

		@Override
		public long nanoTime() {
			FakeFleet.this.now += FakeFleet.this.cost;
			return FakeFleet.this.now;
		}

	}

	private record Later(long at, Runnable task) {
	}

	static final class Group extends ServiceGroup<Service> {

		Group(String name, ConsistentHash algorithm) {
			super(name, algorithm);
		}

		@Override
		protected String describe(Service service) {
			return service.availability().name();
		}

	}

	/** Its state changes only by tasks of the second queue. */
	final class Service extends FleetService {

		private Availability availability = Availability.UNAVAILABLE;

		private boolean started;

		private boolean up;

		private boolean withdrawn;

		private boolean leaving;

		private boolean notDialled;

		private boolean announced;

		private boolean attemptFailed;

		/** To where a connection is made while the present one serves on. */
		private @Nullable ServiceConfig reached;

		private final ServiceCallbacks callbacks = new ServiceCallbacks(this, FakeFleet.this,
				new SerialExecutor(this, FakeFleet.this.failureLog.of("game"), Runnable::run));

		private Service(ServiceConfig config, @Nullable Object info) {
			super(config, info);
		}

		@Override
		protected Availability stateAvailability() {
			return this.availability;
		}

		@Override
		public Availability state() {
			return this.availability;
		}

		@Override
		public Duration timeInState() {
			return Duration.ZERO;
		}

		@Override
		public @Nullable Throwable lastFailure() {
			return null;
		}

		@Override
		protected boolean attemptFailed() {
			return this.attemptFailed;
		}

		/** The connection cannot be made. */
		void fail() {
			this.attemptFailed = true;
			FakeFleet.this.fleet.availabilityChanged(this);
		}

		boolean withdrawn() {
			return this.withdrawn;
		}

		/** Whether it goes once what is pending has finished. */
		boolean leaving() {
			return this.leaving;
		}

		boolean announced() {
			return this.announced;
		}

		/** Whether there is a connection, ready or not. */
		boolean connected() {
			return this.up;
		}

		private void moveTo(Availability next) {
			if (this.availability != Availability.CLOSED) {
				this.availability = next;
				if (next == Availability.CLOSED) {
					down();
					this.callbacks.removed();
				}
				FakeFleet.this.fleet.availabilityChanged(this);
			}
		}

		private void down() {
			if (this.up) {
				this.up = false;
				this.callbacks.disconnected(null);
			}
		}

		/** The connection is made. */
		void open() {
			if (this.started && !this.up && !this.notDialled && this.availability == Availability.UNAVAILABLE) {
				this.up = true;
				this.callbacks.connected();
			}
		}

		/** The connection is made and ready. */
		void connect() {
			open();
			if (this.up && this.availability == Availability.UNAVAILABLE) {
				this.announced = false;
				moveTo(Availability.READY);
			}
		}

		/** The connection is lost, or what was pending has finished. */
		void drop() {
			if (this.up) {
				down();
				moveTo((this.withdrawn || this.leaving) ? Availability.CLOSED : Availability.UNAVAILABLE);
				goThere();
			}
		}

		/** A connection to where it has moved to is made, or lost again. */
		void reach(boolean reached) {
			ServiceConfig destination = destination();
			ServiceConfig before = this.reached;
			boolean connects = this.up && !this.notDialled && !this.leaving && !this.withdrawn;
			this.reached = (reached && connects) ? destination : null;
			if (this.reached != before) {
				FakeFleet.this.fleet.availabilityChanged(this);
			}
		}

		boolean moves() {
			return destination() != null;
		}

		private void goThere() {
			ServiceConfig from = (this.availability != Availability.CLOSED && !this.up) ? arrive() : null;
			if (from != null) {
				this.reached = null;
				this.callbacks.moved(from);
				FakeFleet.this.fleet.availabilityChanged(this);
			}
		}

		@Override
		protected void destinationChanged() {
			FakeFleet.this.io.add(() -> {
				if (this.reached != null && !readyToMove()) {
					reach(false);
				}
				if (destination() == null && !this.withdrawn) {
					undrain();
				}
				goThere();
			});
		}

		@Override
		protected boolean readyToMove() {
			ServiceConfig reached = this.reached;
			ServiceConfig destination = destination();
			return reached != null && destination != null && reached.sameEndpoint(destination);
		}

		@Override
		protected void move() {
			expectOffTheRings("moved");
			FakeFleet.this.io.add(() -> {
				if (!this.up || !readyToMove() || this.leaving || this.withdrawn || this.notDialled) {
					return;
				}
				if (this.availability == Availability.READY) {
					moveTo(Availability.DRAINING);
				}
				else {
					drop();
				}
			});
		}

		/** Whenever the fleet lets a connection end. */
		private void expectOffTheRings(String event) {
			Group group = FakeFleet.this.fleet.groups().get(name());
			expect(group == null || group.routing().get(id()) != this, event + " while on the rings", this);
		}

		@Override
		protected void start() {
			FakeFleet.this.io.add(() -> {
				expect(!this.started, "started twice", this);
				this.started = true;
			});
		}

		@Override
		protected void withdraw() {
			FakeFleet.this.io.add(() -> {
				this.withdrawn = true;
				if (!this.up) {
					moveTo(Availability.CLOSED);
				}
			});
		}

		@Override
		protected void restore() {
			FakeFleet.this.io.add(() -> {
				this.withdrawn = false;
				this.leaving = false;
				if (destination() == null) {
					undrain();
				}
			});
		}

		@Override
		protected void stop() {
			drain();
		}

		@Override
		protected void drain() {
			expectOffTheRings("drained");
			FakeFleet.this.io.add(() -> {
				this.leaving = true;
				reach(false);
				if (this.availability == Availability.READY) {
					moveTo(Availability.DRAINING);
				}
				else if (this.availability != Availability.DRAINING) {
					moveTo(Availability.CLOSED);
				}
			});
		}

		private void undrain() {
			if (this.availability == Availability.DRAINING && !this.leaving && !this.notDialled) {
				moveTo(Availability.READY);
			}
		}

		@Override
		protected void drainedChanged() {
			if (FakeFleet.this.loopsEnded) {
				throw new RejectedExecutionException("event loop has ended");
			}
		}

		@Override
		protected void suspendedChanged() {
			boolean suspended = suspended();
			if (suspended) {
				expectOffTheRings("suspended");
			}
			FakeFleet.this.io.add(() -> {
				if (this.notDialled == suspended) {
					return;
				}
				this.notDialled = suspended;
				if (!suspended) {
					undrain();
					return;
				}
				reach(false);
				if (this.availability == Availability.READY) {
					moveTo(Availability.DRAINING);
				}
				else if (this.availability == Availability.UNAVAILABLE) {
					down();
					moveTo(this.withdrawn ? Availability.CLOSED : Availability.UNAVAILABLE);
					goThere();
				}
			});
		}

		@Override
		protected boolean resting() {
			return this.availability == Availability.CLOSED || (this.notDialled && !this.up);
		}

		@Override
		protected void close() {
			expectOffTheRings("closed");
			FakeFleet.this.io.add(() -> moveTo(Availability.CLOSED));
		}

		@Override
		protected void published() {
			Group group = FakeFleet.this.fleet.groups().get(name());
			expect(group != null && group.routing().members().contains(this), "told to be on the ring", this);
			this.announced = true;
		}

		@Override
		protected ServiceCallbacks callbacks() {
			return this.callbacks;
		}

	}

}
