package dev.backend.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.backend.Availability;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.ServiceInfoFactory;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.LeftOut;
import dev.backend.logging.FailureLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps the services of a backend as the last snapshot says.
 *
 * <p>
 * <b>How it works.</b> All changes run on one serial executor, the control thread, so
 * that nothing here is locked. There are two sources of change: a snapshot, and a service
 * that reports that its availability changed. Both only mark groups as dirty; one task
 * behind them publishes each dirty group's new table ({@link FleetPublisher}). Thus a
 * thousand services that become ready at once cost a few publications, not a thousand,
 * and many changes of a group of thousands are published together ({@link Pace}).
 *
 * <p>
 * Each place keeps what the last snapshot says of it as <em>desired</em>. A service that
 * closed itself (it was withdrawn, and its connection dropped) leaves its place; if by
 * then it is desired again, a new one takes the place at once. This makes every race
 * between a service that goes and an instance that comes back end as the last snapshot
 * says.
 *
 * <p>
 * A service begins to connect at once. Its callbacks wait for the publication of the
 * first table that holds it, so that who is called back finds it by its name and id.
 *
 * <p>
 * <b>In order.</b> Whatever is to lose its connection on purpose, because it leaves,
 * moves, is suspended, or the backend stops, is off the rings first; that is published,
 * and a task behind the publication lets it end. By then the reason may be gone: the last
 * word counts.
 *
 * <p>
 * <b>Moves.</b> An instance that changes its address stays one service, which goes there
 * in its own time: see {@link FleetService#destinationChanged()}.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
final class Fleet<S extends FleetService, G extends ServiceGroup<S>> {

	private static final Logger logger = LoggerFactory.getLogger(Fleet.class);

	private final String label;

	private final FleetProtocol<S, G> protocol;

	private final SnapshotReader reader;

	private final LossProtection lossProtection;

	private final FailureLog failureLog;

	private final ServiceInfoFactory infoFactory;

	private final ControlThread control;

	private final Map<String, Members<S, G>> members = new HashMap<>();

	private final FleetPublisher<S, G> publisher;

	private final OperatorMarks<S> marks;

	private final FleetOwner owner;

	/** Services that have lost their place and are not closed yet. */
	private final Set<S> leaving = new LinkedHashSet<>();

	/** Services whose end the listeners have yet to hear of, the last one of each key. */
	private final Map<ServiceKey, S> departing = new HashMap<>();

	private final CompletableFuture<Void> firstSnapshot = new CompletableFuture<>();

	private final CompletableFuture<Void> drained = new CompletableFuture<>();

	private final CompletableFuture<Void> told = new CompletableFuture<>();

	/** Of how many services listeners have yet to hear the end. */
	private int untold;

	/** Run when they have heard of one; the same for all, for its memory. */
	private final Runnable endTold;

	private boolean closing;

	/** The last snapshot, if all that it says was done. */
	private @Nullable DiscoverySnapshot applied;

	/** What it says, with what is held. */
	private Map<ServiceKey, Listed> desired = Map.of();

	/**
	 * Creates an empty fleet.
	 * @param label how logs name the backend
	 * @param protocol makes groups and services
	 * @param filter which entries of a snapshot become services
	 * @param lossProtection keeps what discovery misses until that is confirmed
	 * @param infoFactory makes the user's object of each service, or {@code null} for
	 * none
	 * @param owner what the services ask
	 * @param control runs one task after another
	 * @param failureLog bounds what is logged of the services
	 */
	Fleet(String label, FleetProtocol<S, G> protocol, InstanceFilter filter, LossProtection lossProtection,
			@Nullable ServiceInfoFactory infoFactory, FleetOwner owner, ControlThread control, FailureLog failureLog) {
		this.label = label;
		this.failureLog = failureLog;
		this.lossProtection = lossProtection;
		this.protocol = protocol;
		this.reader = new SnapshotReader(label, filter);
		this.infoFactory = (infoFactory != null) ? infoFactory : (config) -> NoInfo.NONE;
		this.control = new SafeControlThread(label, control);
		this.endTold = () -> this.control.execute(this::onTold);
		this.publisher = new FleetPublisher<>(label, this.members, this.control, failureLog);
		this.marks = new OperatorMarks<>(label, this::slot, this.publisher);
		this.owner = owner;
	}

	/**
	 * Returns the groups by name. Takes no lock.
	 * @return a snapshot that does not change
	 */
	Map<String, G> groups() {
		return this.publisher.groups();
	}

	/**
	 * Adds a listener that is called on the control thread, soon, and after the names of
	 * the groups or the ids of their services have changed.
	 * @param listener the listener
	 */
	void onServicesChanged(Runnable listener) {
		this.control.execute(() -> this.publisher.onServicesChanged(listener));
	}

	/**
	 * Returns the instances that the registry misses and that are kept until another read
	 * confirms that they are gone. Takes no lock.
	 * @return the ids by service name; a snapshot that does not change
	 */
	Map<String, Set<String>> holds() {
		return this.lossProtection.holds();
	}

	/**
	 * Returns how often the loss of most of a group was not believed at once.
	 * @return the number of holds since the start
	 */
	long holdsStarted() {
		return this.lossProtection.started();
	}

	/**
	 * Returns how many of the entries that discovery lists are services of this backend,
	 * and why the others are not. Takes no lock.
	 * @return the counts, or {@code null} before the first snapshot
	 */
	@Nullable InstanceCounts counts() {
		InstanceCounts counts = this.firstSnapshot.isDone() ? this.reader.counts() : null;
		int refused = this.lossProtection.refused();
		return (counts == null || refused == 0) ? counts
				: counts.without(LeftOut.TOO_MANY, Math.min(refused, counts.taken()));
	}

	/**
	 * Returns the instances that an operator keeps off the rings, known or not. Takes no
	 * lock.
	 * @return the ids by service name; a snapshot that does not change
	 */
	Map<String, Set<String>> drainedServices() {
		return this.marks.drained();
	}

	/**
	 * Returns the instances that an operator has suspended, known or not. Takes no lock.
	 * @return the ids by service name; a snapshot that does not change
	 */
	Map<String, Set<String>> suspendedServices() {
		return this.marks.suspended();
	}

	/**
	 * Keeps an instance off the rings from now on, or no longer, whatever becomes of its
	 * connection.
	 * @param name the service name, in normal form
	 * @param id the id, in normal form
	 * @param drained whether it is kept off the rings
	 * @return a future that completes when the rings are as they should be
	 */
	CompletableFuture<Void> drained(String name, String id, boolean drained) {
		CompletableFuture<Void> done = new CompletableFuture<>();
		change(done, () -> this.marks.drained(new ServiceKey(name, id), drained, done));
		return done;
	}

	/**
	 * Takes an instance off the rings, drains its connection, closes it and makes no
	 * other, from now on, or no longer.
	 * @param name the service name, in normal form
	 * @param id the id, in normal form
	 * @param suspended whether it is to be without a connection
	 * @return a future that completes when it has no connection, or is to have one again;
	 * it fails if the fleet is drained before
	 */
	CompletableFuture<Void> suspended(String name, String id, boolean suspended) {
		CompletableFuture<Void> done = new CompletableFuture<>();
		change(done, () -> this.marks.suspended(new ServiceKey(name, id), suspended, done));
		return done;
	}

	/** Whoever waits for the change hears if it fails. */
	private void change(CompletableFuture<Void> done, Runnable change) {
		this.control.execute(() -> {
			try {
				change.run();
			}
			catch (Throwable ex) {
				done.completeExceptionally(ex);
				throw ex;
			}
		});
	}

	private @Nullable Slot<S> slot(ServiceKey key) {
		Members<S, G> members = this.members.get(key.name());
		return (members != null) ? members.slots().get(key.id()) : null;
	}

	/**
	 * Returns a future that completes when the first snapshot was applied and every known
	 * service that an operator has left alone is usable or has failed at its last
	 * attempt, or in time.
	 * @param timeout how long that may take
	 * @return the future, with whether all are usable
	 */
	CompletableFuture<Boolean> whenSettled(Duration timeout) {
		CompletableFuture<Boolean> future = new CompletableFuture<>();
		this.firstSnapshot.thenRun(() -> this.control.execute(() -> completeWhenSettled(future)));
		future.completeOnTimeout(false, timeout.toNanos(), TimeUnit.NANOSECONDS);
		future.whenComplete((result, failure) -> this.control.execute(() -> this.publisher.forget(future)));
		return future;
	}

	private void completeWhenSettled(CompletableFuture<Boolean> future) {
		if (this.closing) {
			future.complete(false);
		}
		else {
			this.publisher.completeWhenSettled(future);
		}
	}

	/**
	 * Returns a future that completes when all services are closed, after a
	 * {@link #drain()}, and the last callback of each was made.
	 * @return the future
	 */
	CompletableFuture<Void> whenAllTold() {
		return this.told;
	}

	/**
	 * Applies a snapshot, later, on the control thread.
	 * @param snapshot the complete content of the registry
	 */
	void apply(DiscoverySnapshot snapshot) {
		this.control.execute(() -> reconcile(snapshot));
	}

	/**
	 * Takes note that the availability of a service changed. Called by any thread.
	 * @param service the service
	 */
	void availabilityChanged(S service) {
		this.control.execute(() -> onAvailability(service));
	}

	/**
	 * Runs an action for every service, those on their way out included, on the control
	 * thread.
	 * @param action the action; must not block
	 */
	void forEach(Consumer<S> action) {
		this.control.execute(() -> all().forEach(action));
	}

	/**
	 * Takes every service off the rings and closes it when what is pending has finished,
	 * each within the limit of its own drain.
	 * @return a future that completes when all are closed
	 */
	CompletableFuture<Void> drain() {
		this.control.execute(() -> {
			this.closing = true;
			this.publisher.hurry();
			this.publisher.giveUpWaiting();
			this.marks.end();
			this.firstSnapshot.complete(null);
			this.members.values().forEach(this::stop);
			completeIfDrained();
		});
		return this.drained;
	}

	private void stop(Members<S, G> members) {
		members.group().end(this.label + " is stopped");
		members.slots().values().forEach((slot) -> {
			slot.desired(null);
			slot.service().retired(true);
			planBehindPublication(slot, FleetService::stop);
		});
	}

	private void reconcile(DiscoverySnapshot snapshot) {
		if (this.closing) {
			return;
		}
		if (!snapshot.listsTheSameAs(this.applied) || this.lossProtection.holding()) {
			// What has failed is tried again with the next one, also if that lists the
			// same.
			boolean failedBefore = this.applied == null;
			Map<ServiceKey, Listed> before = failedBefore ? desired() : this.desired;
			this.applied = null;
			Map<ServiceKey, Listed> desired = this.lossProtection.protect(this.reader.read(snapshot), snapshot, before);
			boolean done = admitAll(desired, failedBefore ? Map.of() : before);
			withdrawGone(this.lossProtection.gone());
			this.desired = desired;
			this.applied = done ? snapshot : null;
		}
		else {
			this.applied = snapshot;
		}
		this.control.execute(() -> this.firstSnapshot.complete(null));
	}

	/**
	 * Returns whether that was done. An entry that is the same object as one that was
	 * done before has nothing new to say.
	 */
	private boolean admitAll(Map<ServiceKey, Listed> desired, Map<ServiceKey, Listed> done) {
		boolean all = true;
		for (Listed listed : desired.values()) {
			if (done.get(listed.key()) != listed) {
				all &= admitSafely(listed);
			}
		}
		return all;
	}

	/** Returns whether that was done: what one throws is no matter of the others. */
	private boolean admitSafely(Listed listed) {
		try {
			admit(listed);
			return true;
		}
		catch (Throwable ex) {
			this.failureLog.of(listed.config().name())
				.threw(logger, Level.ERROR, ex, "{}: {} is left out until the next snapshot", this.label,
						listed.config().label());
			return false;
		}
	}

	private void admit(Listed listed) {
		ServiceConfig config = listed.config();
		Members<S, G> members = this.members.computeIfAbsent(config.name(),
				(name) -> new Members<>(this.protocol.newGroup(name)));
		Slot<S> slot = members.slots().get(config.id());
		if (slot != null) {
			update(slot, listed);
			return;
		}
		CompletableFuture<Void> published = new CompletableFuture<>();
		S service = create(members, config, published);
		members.put(config.id(), new Slot<>(service, listed));
		this.publisher.publishBefore(config.name(), () -> published.complete(null));
		service.start();
	}

	private void update(Slot<S> slot, Listed listed) {
		ServiceConfig config = listed.config();
		S service = slot.service();
		boolean back = slot.desired() == null;
		slot.desired(listed);
		if (service.listed(config)) {
			if (service.destination() != null) {
				this.failureLog.of(config.name())
					.news(logger, "{}: {} moves to {}", this.label, service, config.endpoint());
			}
			this.publisher.markDirty(config.name());
			service.destinationChanged();
		}
		if (back) {
			slot.renamed(false);
			slot.forgetPlan();
			retire(service, false);
			service.restore();
		}
		followMove(slot);
	}

	/**
	 * Takes a service off the rings that is ready to move, and lets it move behind the
	 * publication of that; or puts it back there, if it is not ready any more. It may
	 * have been neither for a moment, of which the fleet hears too late, when it was let
	 * move: then it is let once more.
	 */
	private void followMove(Slot<S> slot) {
		S service = slot.service();
		if (slot.desired() == null) {
			return;
		}
		boolean moves = service.readyToMove();
		boolean changed = retire(service, moves);
		boolean missed = moves && !slot.planned() && service.stateAvailability() != Availability.DRAINING;
		if (moves && (changed || missed)) {
			planBehindPublication(slot, FleetService::move);
		}
		else if (changed) {
			slot.forgetPlan();
		}
	}

	private void planBehindPublication(Slot<S> slot, Consumer<S> action) {
		Object plan = slot.plan();
		this.publisher.publishBefore(slot.service().name(), () -> {
			if (slot.follows(plan)) {
				slot.forgetPlan();
				action.accept(slot.service());
			}
		});
	}

	/** Returns whether that changes anything. */
	private boolean retire(S service, boolean retired) {
		if (retired == service.retired()) {
			return false;
		}
		service.retired(retired);
		this.publisher.changed(service);
		return true;
	}

	/**
	 * Makes a service whose callbacks wait until it can be looked up, and until the last
	 * one of its predecessor was made.
	 */
	private S create(Members<S, G> members, ServiceConfig config, CompletableFuture<Void> listed) {
		S service = this.protocol.newService(members.group(), config, createInfo(config));
		service.owner(this.owner);
		this.marks.apply(service);
		S predecessor = this.departing.get(ServiceKey.of(config));
		service.callbacks()
			.holdUntil((predecessor != null) ? CompletableFuture.allOf(listed, predecessor.callbacks().whenRemoved())
					: listed);
		this.untold++;
		service.callbacks().added(this.endTold);
		return service;
	}

	private @Nullable Object createInfo(ServiceConfig config) {
		try {
			Object info = this.infoFactory.create(config);
			return (info != NoInfo.NONE) ? info : null;
		}
		catch (Throwable ex) {
			this.failureLog.of(config.name())
				.threw(logger, Level.ERROR, ex, "{}: {} has no info object, because its factory failed", this.label,
						config.label());
			return null;
		}
	}

	/**
	 * Withdraws what is gone, and once more what was gone before and is not closed yet:
	 * another mode may be set by now.
	 */
	private void withdrawGone(Set<ServiceKey> gone) {
		for (ServiceKey key : gone) {
			Slot<S> slot = slot(key);
			if (slot != null) {
				slot.desired(null);
			}
		}
		for (Members<S, G> members : List.copyOf(this.members.values())) {
			List<Slot<S>> undesired = new ArrayList<>();
			for (Slot<S> slot : members.slots().values()) {
				if (slot.desired() == null) {
					undesired.add(slot);
				}
			}
			undesired.forEach((slot) -> withdrawUndesired(members, slot));
		}
	}

	private void withdrawUndesired(Members<S, G> members, Slot<S> slot) {
		S service = slot.service();
		if (service.listed(null)) {
			service.destinationChanged();
		}
		if (this.lossProtection.renamed().contains(slot.key())) {
			slot.renamed(true);
		}
		withdraw(members, slot);
	}

	/** One that has another id by now must not stay beside itself. */
	private void withdraw(Members<S, G> members, Slot<S> slot) {
		S service = slot.service();
		RemovalMode mode = this.protocol.removalMode();
		switch ((slot.renamed() && mode == RemovalMode.ON_DISCONNECT) ? RemovalMode.DRAIN : mode) {
			case ON_DISCONNECT -> {
				slot.forgetPlan();
				retire(service, false);
				service.withdraw();
			}
			case DRAIN -> {
				retire(service, true);
				planBehindPublication(slot, FleetService::drain);
			}
			case IMMEDIATE -> {
				remove(members, slot);
				this.leaving.add(service);
				planBehindPublication(slot, FleetService::close);
			}
		}
	}

	private void onAvailability(S service) {
		ServiceKey key = ServiceKey.of(service.config());
		boolean closed = service.availability() == Availability.CLOSED;
		Members<S, G> members = this.members.get(key.name());
		Slot<S> slot = slot(key);
		if (members != null && slot != null && slot.service() == service) {
			if (closed) {
				onClosed(members, slot);
			}
			else {
				followMove(slot);
			}
			this.publisher.changed(service);
		}
		if (closed) {
			this.leaving.remove(service);
			completeIfDrained();
		}
		this.marks.settle(key);
	}

	private void onClosed(Members<S, G> members, Slot<S> slot) {
		remove(members, slot);
		Listed listed = slot.desired();
		if (listed != null && !admitSafely(listed)) {
			this.applied = null;
		}
	}

	private Map<ServiceKey, Listed> desired() {
		Map<ServiceKey, Listed> desired = new HashMap<>();
		for (Members<S, G> members : this.members.values()) {
			for (Slot<S> slot : members.slots().values()) {
				Listed listed = slot.desired();
				if (listed != null) {
					desired.put(slot.key(), listed);
				}
			}
		}
		return desired;
	}

	/**
	 * Returns a future that completes, on the control thread, with the services that are
	 * not closed.
	 * @return the future
	 */
	CompletableFuture<List<S>> open() {
		CompletableFuture<List<S>> open = new CompletableFuture<>();
		this.control.execute(() -> open.complete(all()));
		return open;
	}

	/** Every service that is not closed. */
	private List<S> all() {
		List<S> all = new ArrayList<>(this.leaving);
		for (Members<S, G> members : this.members.values()) {
			members.slots().values().forEach((slot) -> all.add(slot.service()));
		}
		return all;
	}

	private void remove(Members<S, G> members, Slot<S> slot) {
		S service = slot.service();
		ServiceKey key = ServiceKey.of(service.config());
		members.remove(key.id());
		this.departing.put(key, service);
		service.callbacks()
			.whenRemoved()
			.thenRun(() -> this.control.execute(() -> this.departing.remove(key, service)));
		this.publisher.markDirty(members.group().name());
	}

	private void completeIfDrained() {
		if (this.closing && this.leaving.isEmpty()
				&& this.members.values().stream().allMatch((members) -> members.slots().isEmpty())) {
			this.drained.complete(null);
			completeIfTold();
		}
	}

	private void onTold() {
		this.untold--;
		completeIfTold();
	}

	private void completeIfTold() {
		if (this.untold == 0 && this.drained.isDone()) {
			this.told.complete(null);
		}
	}

	private enum NoInfo {

		NONE

	}

}
