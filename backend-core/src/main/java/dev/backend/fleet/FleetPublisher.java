package dev.backend.fleet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import dev.backend.logging.FailureLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Publishes what readers see of the groups: the first change of a group marks it as dirty
 * and brings one task behind all that is to be done, which publishes every group whose
 * turn has come. That is at once, but for a group whose last publication was expensive:
 * see {@link Pace}. All but {@link #groups()} is for the control thread.
 *
 * <p>
 * <b>Failure.</b> What a group throws stays with it: it keeps its last rings, says so,
 * and is tried again with its next change. What waits for the publication goes on, since
 * nothing that has gone comes back by waiting.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
final class FleetPublisher<S extends FleetService, G extends ServiceGroup<S>> {

	private static final Logger logger = LoggerFactory.getLogger(FleetPublisher.class);

	private final String label;

	private final Map<String, Members<S, G>> members;

	private final ControlThread control;

	private final FailureLog failureLog;

	/** The groups that have changed, and whose turn has yet to come. */
	private final Set<String> waitingForTurn = new LinkedHashSet<>();

	/** The groups that the next task publishes. */
	private final Set<String> due = new LinkedHashSet<>();

	/** By the name of the group. */
	private final Map<String, Set<S>> changed = new HashMap<>();

	/** What follows the next publication, by the name of the group. */
	private final Map<String, List<Runnable>> following = new HashMap<>();

	private final List<CompletableFuture<Boolean>> waiting = new ArrayList<>();

	private final List<Runnable> servicesListeners = new ArrayList<>();

	private boolean publishing;

	private boolean hurrying;

	private volatile Map<String, G> groups = Map.of();

	/**
	 * Creates a publisher.
	 * @param label how logs name the backend
	 * @param members all groups by name; those without places are removed
	 * @param control runs one task after another, and outlives what they throw
	 * @param failureLog bounds what is logged of the groups
	 */
	FleetPublisher(String label, Map<String, Members<S, G>> members, ControlThread control, FailureLog failureLog) {
		this.label = label;
		this.members = members;
		this.control = control;
		this.failureLog = failureLog;
	}

	/** The groups by name, of the last publication; a snapshot that does not change. */
	Map<String, G> groups() {
		return this.groups;
	}

	/** Calls a listener now, and after groups or the ids of their services changed. */
	void onServicesChanged(Runnable listener) {
		this.servicesListeners.add(listener);
		listener.run();
	}

	/** A group is to be published. */
	void markDirty(String group) {
		if (this.due.contains(group) || this.waitingForTurn.contains(group)) {
			return;
		}
		Members<S, G> members = this.members.get(group);
		long wait = (members == null || this.hurrying || members.urgent()) ? 0
				: members.pace().delay(this.control.nanoTime());
		if (wait == 0) {
			makeDue(group);
			return;
		}
		this.waitingForTurn.add(group);
		this.control.schedule(() -> {
			if (this.waitingForTurn.remove(group)) {
				makeDue(group);
			}
		}, wait);
	}

	private void makeDue(String group) {
		this.due.add(group);
		if (!this.publishing) {
			this.publishing = true;
			this.control.execute(this::publish);
		}
	}

	/** The group of a service is to be published, which is to be told that it was. */
	void changed(S service) {
		this.changed.computeIfAbsent(service.name(), (name) -> new LinkedHashSet<>()).add(service);
		markDirty(service.name());
	}

	/** Publishes a group, and runs a task behind that. */
	void publishBefore(String group, Runnable task) {
		this.following.computeIfAbsent(group, (name) -> new ArrayList<>()).add(task);
		markDirty(group);
	}

	/** From now on, no publication waits for others. */
	void hurry() {
		this.hurrying = true;
		List<String> waiting = List.copyOf(this.waitingForTurn);
		this.waitingForTurn.clear();
		waiting.forEach(this::makeDue);
	}

	/**
	 * Completes a future once every service that is expected to be usable is routed or
	 * has failed at its last attempt.
	 */
	void completeWhenSettled(CompletableFuture<Boolean> future) {
		if (!future.isDone()) {
			this.waiting.add(future);
			completeWaiting();
		}
	}

	/** Nobody will be routed any more. */
	void giveUpWaiting() {
		List.copyOf(this.waiting).forEach((future) -> future.complete(false));
	}

	/** A future was completed otherwise. */
	void forget(CompletableFuture<Boolean> future) {
		this.waiting.remove(future);
	}

	private void publish() {
		this.publishing = false;
		List<String> names = List.copyOf(this.due);
		this.due.clear();
		boolean groupsChanged = false;
		boolean idsChanged = false;
		for (String name : names) {
			Members<S, G> members = this.members.get(name);
			if (members != null) {
				idsChanged |= publishSafely(name, members);
				groupsChanged |= members.slots().isEmpty() || !this.groups.containsKey(name);
			}
		}
		if (groupsChanged) {
			publishGroups();
		}
		if (idsChanged) {
			this.servicesListeners.forEach(this.control::execute);
		}
		names.forEach(this::tell);
		completeWaiting();
	}

	/** Returns whether ids have changed. */
	private boolean publishSafely(String name, Members<S, G> members) {
		try {
			return publish(name, members);
		}
		catch (Throwable ex) {
			logger.error("{}: group '{}' could not be published; its next change is tried", this.label, name, ex);
			return true;
		}
	}

	private boolean publish(String name, Members<S, G> members) {
		G group = members.group();
		boolean failedBefore = group.routingFailure() != null;
		long begun = this.control.nanoTime();
		boolean idsChanged = members.publish();
		members.pace().published(begun, this.control.nanoTime());
		Throwable failure = group.routingFailure();
		if (failure != null) {
			this.failureLog.of(name)
				.threw(logger, Level.ERROR, failure,
						"{}: the rings of '{}' stay as they were, with {} instances, because they could not be made "
								+ "of those that are usable now; the next change is tried",
						this.label, name, group.routing().members().size());
		}
		else if (failedBefore) {
			this.failureLog.of(name)
				.news(logger, "{}: the rings of '{}' are as they should be again", this.label, name);
		}
		return idsChanged;
	}

	private void publishGroups() {
		// Whoever holds a group finds it empty: that is published before it is forgotten.
		this.members.entrySet()
			.removeIf((entry) -> entry.getValue().slots().isEmpty() && !this.waitingForTurn.contains(entry.getKey()));
		Map<String, G> groups = new LinkedHashMap<>();
		this.members.forEach((name, members) -> groups.put(name, members.group()));
		this.groups = Map.copyOf(groups);
	}

	/**
	 * Those that are on the rings, and what follows the publication. Who should be there
	 * and is not, because the rings could not be made, is told when they can.
	 */
	private void tell(String name) {
		Set<S> changed = this.changed.remove(name);
		Members<S, G> members = this.members.get(name);
		if (changed != null && members != null) {
			changed.stream().filter(members::routes).forEach(this::tellPublished);
			changed.removeIf((service) -> !members.misses(service));
			if (!changed.isEmpty()) {
				this.changed.put(name, changed);
			}
		}
		List<Runnable> following = this.following.remove(name);
		if (following != null) {
			following.forEach(this.control::execute);
		}
	}

	private void tellPublished(S service) {
		try {
			service.published();
		}
		catch (Throwable ex) {
			logger.error("{}: {} could not be told that it is on the rings", this.label, service, ex);
		}
	}

	private void completeWaiting() {
		if (!this.waiting.isEmpty() && !this.publishing && this.members.values().stream().allMatch(Members::settled)) {
			boolean all = this.members.values().stream().allMatch(Members::allRouted);
			List.copyOf(this.waiting).forEach((future) -> future.complete(all));
		}
	}

}
