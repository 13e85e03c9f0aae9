package dev.backend.fleet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.backend.routing.RoutedInstance;
import org.jspecify.annotations.Nullable;

/**
 * The places of a group, and the group that readers see. Control thread only.
 *
 * @param <S> the type of the services
 * @param <G> the type of the group
 */
final class Members<S extends FleetService, G extends ServiceGroup<S>> {

	private final G group;

	private final Map<String, Slot<S>> slots = new HashMap<>();

	private final Pace pace = new Pace();

	/** The services as they were published last, unless others have come or gone. */
	private @Nullable Map<String, S> services;

	/**
	 * Creates a group without places.
	 * @param group what readers see of it
	 */
	Members(G group) {
		this.group = group;
	}

	G group() {
		return this.group;
	}

	/** How soon the group may be published again. */
	Pace pace() {
		return this.pace;
	}

	/** The places by id. */
	Map<String, Slot<S>> slots() {
		return Collections.unmodifiableMap(this.slots);
	}

	void put(String id, Slot<S> slot) {
		this.slots.put(id, slot);
		this.services = null;
	}

	void remove(String id) {
		this.slots.remove(id);
		this.services = null;
	}

	/**
	 * Publishes who is there and, if that can be made of them, the rings: otherwise those
	 * of before stay, and the group says why.
	 * @return whether instances came or went
	 */
	boolean publish() {
		List<RoutedInstance<S>> usable = new ArrayList<>(this.slots.size());
		for (Slot<S> slot : this.slots.values()) {
			if (slot.service().usable()) {
				usable.add(slot.routed());
			}
		}
		Map<String, S> services = this.services;
		if (services == null) {
			services = servicesById();
			this.services = services;
		}
		return this.group.publish(services, usable);
	}

	private Map<String, S> servicesById() {
		Map<String, S> services = new HashMap<>(this.slots.size() * 4 / 3 + 1);
		this.slots.forEach((id, slot) -> services.put(id, slot.service()));
		return Collections.unmodifiableMap(services);
	}

	/**
	 * Whether a change need not wait for others: nobody is routed yet, so somebody may be
	 * waiting for the first one.
	 */
	boolean urgent() {
		return this.group.routing().members().isEmpty() && this.group.routingFailure() == null;
	}

	/**
	 * It may be usable and not there: just removed, or ready since a moment.
	 */
	boolean routes(S service) {
		return this.group.routing().get(service.id()) == service;
	}

	/** Whether it is usable, and not on the rings all the same. */
	boolean misses(S service) {
		Slot<S> slot = this.slots.get(service.id());
		return slot != null && slot.service() == service && service.usable() && !routes(service);
	}

	/** Whether everybody is routed who is expected to be. */
	boolean allRouted() {
		return this.slots.values().stream().allMatch((slot) -> !awaited(slot) || routes(slot.service()));
	}

	/**
	 * Whether nobody is to be waited for: whoever is expected to be routed is, or has
	 * failed at the last attempt, or is not because the rings cannot be made.
	 */
	boolean settled() {
		boolean ringsFailed = this.group.routingFailure() != null;
		return this.slots.values().stream().allMatch((slot) -> {
			S service = slot.service();
			return !awaited(slot) || routes(service) || service.attemptFailed() || (ringsFailed && service.usable());
		});
	}

	/** Neither kept off the rings by an operator, nor on its way out. */
	private static boolean awaited(Slot<?> slot) {
		return slot.desired() != null && slot.service().expected();
	}

}
