package dev.backend.fleet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Publishes what readers see of the groups: the first change of a group marks it as dirty
 * and brings one task behind all that is to be done, which publishes every dirty group.
 * All but {@link #groups()} is for the control thread.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
final class FleetPublisher<S extends FleetService, G extends ServiceGroup<S>> {

	private final Map<String, Members<S, G>> members;

	private final Executor control;

	private final Set<String> dirty = new LinkedHashSet<>();

	private final Set<S> changed = new LinkedHashSet<>();

	private final List<CompletableFuture<Boolean>> waiting = new ArrayList<>();

	private final List<Runnable> servicesListeners = new ArrayList<>();

	private boolean publishing;

	/** Completed by the next publication. */
	private CompletableFuture<Void> publication = new CompletableFuture<>();

	private volatile Map<String, G> groups = Map.of();

	/**
	 * Creates a publisher.
	 * @param members all groups by name; those without places are removed
	 * @param control runs one task after another
	 */
	FleetPublisher(Map<String, Members<S, G>> members, Executor control) {
		this.members = members;
		this.control = control;
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
		this.dirty.add(group);
		if (!this.publishing) {
			this.publishing = true;
			this.control.execute(this::publish);
		}
	}

	/** The group of a service is to be published, which is to be told that it was. */
	void changed(S service) {
		this.changed.add(service);
		markDirty(service.name());
	}

	/** Completes with the next publication. */
	CompletableFuture<Void> next() {
		return this.publication;
	}

	/** Completes a future once every service that is expected to be usable is routed. */
	void completeWhenAllRouted(CompletableFuture<Boolean> future) {
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
		CompletableFuture<Void> publication = this.publication;
		this.publication = new CompletableFuture<>();
		try {
			publishTables();
		}
		finally {
			publication.complete(null);
		}
	}

	private void publishTables() {
		boolean groupsChanged = false;
		boolean idsChanged = false;
		for (String name : this.dirty) {
			Members<S, G> members = this.members.get(name);
			if (members != null) {
				idsChanged |= members.publish();
				groupsChanged |= members.slots().isEmpty() || !this.groups.containsKey(name);
			}
		}
		this.dirty.clear();
		if (groupsChanged) {
			publishGroups();
		}
		if (idsChanged) {
			this.servicesListeners.forEach(this.control::execute);
		}
		List<S> published = new ArrayList<>(this.changed);
		this.changed.clear();
		published.stream().filter(this::routed).forEach(FleetService::published);
		completeWaiting();
	}

	private void publishGroups() {
		this.members.values().removeIf((members) -> members.slots().isEmpty());
		Map<String, G> groups = new LinkedHashMap<>();
		this.members.forEach((name, members) -> groups.put(name, members.group()));
		this.groups = Map.copyOf(groups);
	}

	private boolean routed(S service) {
		Members<S, G> members = this.members.get(service.name());
		return members != null && members.routes(service);
	}

	private void completeWaiting() {
		if (!this.waiting.isEmpty() && !this.publishing
				&& this.members.values().stream().allMatch(Members::allRouted)) {
			List.copyOf(this.waiting).forEach((future) -> future.complete(true));
		}
	}

}
