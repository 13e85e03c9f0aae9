package dev.backend.fleet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.backend.ServiceConfig;
import dev.backend.routing.RoutedInstance;

/**
 * The places of a group, and the group that readers see. Control thread only.
 *
 * @param <S> the type of the services
 * @param <G> the type of the group
 * @param group the group
 * @param slots the places by id
 * @param pace how soon it may be published again
 */
record Members<S extends FleetService, G extends ServiceGroup<S>>(G group, Map<String, Slot<S>> slots, Pace pace) {

	Members(G group) {
		this(group, new HashMap<>(), new Pace());
	}

	/**
	 * Publishes who is there and, if that can be made of them, the rings: otherwise those
	 * of before stay, and the group says why.
	 * @return whether instances came or went
	 */
	boolean publish() {
		Map<String, S> services = new HashMap<>();
		List<RoutedInstance<S>> usable = new ArrayList<>();
		this.slots.forEach((id, slot) -> {
			S service = slot.service();
			services.put(id, service);
			if (service.usable()) {
				ServiceConfig config = service.config();
				usable.add(new RoutedInstance<>(id, config.weight(), config.tags(), service));
			}
		});
		return this.group.publish(Map.copyOf(services), usable);
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

	boolean allRouted() {
		return this.slots.values()
			.stream()
			.map(Slot::service)
			.allMatch((service) -> !service.expected() || routes(service));
	}

}
