package dev.backend.fleet;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.ServiceNotFoundException;
import dev.backend.routing.ConsistentHash;
import dev.backend.routing.RoutedInstance;
import dev.backend.routing.RoutingTable;
import dev.backend.transport.PlainWords;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one service name. Safe for use by any thread; look-ups read one
 * immutable snapshot and take no lock.
 *
 * @param <S> the type of the services
 */
public abstract class ServiceGroup<S extends FleetService> {

	private final String name;

	private volatile View<S> view;

	/** Written by the control thread only. */
	private volatile long ringRebuilds;

	/** Written by the control thread only. */
	private volatile @Nullable Throwable routingFailure;

	/** That the backend is stopped. Written by the control thread only. */
	private volatile @Nullable String ended;

	protected ServiceGroup(String name, ConsistentHash algorithm) {
		this.name = name;
		this.view = new View<>(Map.of(), RoutingTable.empty(algorithm));
	}

	/**
	 * Returns the service name.
	 * @return the name, in normal form
	 */
	public final String name() {
		return this.name;
	}

	/**
	 * Returns the known instances, usable or not.
	 * @return the services; a snapshot that does not change
	 */
	public final Collection<S> services() {
		return this.view.services().values();
	}

	/**
	 * Returns the rings: the usable instances and who owns which keys.
	 * @return the present table; immutable
	 */
	public final RoutingTable<S> routing() {
		return this.view.routing();
	}

	/**
	 * Returns how often the rings were made anew, since instances became usable, ceased
	 * to be, or changed their tags or weight.
	 * @return the number since this group is there; changes that come together count once
	 */
	public final long ringRebuilds() {
		return this.ringRebuilds;
	}

	/**
	 * Returns why the rings could not be made of the instances that are usable now. Those
	 * of before stay as they are until a later change of this group succeeds: routes may
	 * lead to an instance that has gone, and none to one that has come.
	 * @return what the {@linkplain ConsistentHash algorithm} threw, or {@code null} if
	 * the rings are as they should be
	 */
	public final @Nullable Throwable routingFailure() {
		return this.routingFailure;
	}

	/**
	 * Finds an instance by its id, usable or not.
	 * @param id the id; trimmed and lower-cased
	 * @return the service, or {@code null} if it is not known
	 */
	public final @Nullable S findService(String id) {
		return this.view.services().get(ServiceConfig.normalize(id));
	}

	/**
	 * Returns an instance by its id, usable or not.
	 * @param id the id; trimmed and lower-cased
	 * @return the service
	 * @throws ServiceNotFoundException if it is not known
	 */
	public final S getService(String id) {
		S service = findService(id);
		if (service == null) {
			throw new ServiceNotFoundException("No service %s/%s: %s%d known in the group: %s".formatted(this.name,
					ServiceConfig.normalize(id), reason(), services().size(), describe()));
		}
		return service;
	}

	/**
	 * Finds the usable instance that a route leads to.
	 * @param route the route
	 * @return the service, or {@code null} if none is usable
	 */
	public final @Nullable S find(Route route) {
		return this.view.routing().find(route);
	}

	/**
	 * Returns the usable instance that a route leads to.
	 * @param route the route
	 * @return the service
	 * @throws ServiceNotFoundException if none is usable; the message says how many are
	 * known and in which states they are
	 */
	public final S select(Route route) {
		S service = find(route);
		if (service == null) {
			throw notFound(route);
		}
		return service;
	}

	/**
	 * Returns the exception for a route that leads nowhere.
	 * @param route the route
	 * @return the exception, to be thrown
	 */
	protected final ServiceNotFoundException notFound(Route route) {
		return new ServiceNotFoundException("No usable service %s for %s: %s%d known: %s".formatted(this.name, route,
				reason(), services().size(), describe()));
	}

	/** What the states of the instances do not say. */
	private String reason() {
		String ended = this.ended;
		if (ended != null) {
			return ended + "; ";
		}
		Throwable failure = this.routingFailure;
		return (failure != null) ? "the rings could not be made (" + PlainWords.describe(failure) + "); " : "";
	}

	/**
	 * Describes the state of one instance for error messages.
	 * @param service the service
	 * @return its state and why, in a few words
	 */
	protected abstract String describe(S service);

	private String describe() {
		Map<String, String> states = new TreeMap<>();
		for (S service : services()) {
			if (states.size() == 10) {
				states.put("\u2026", "and more");
				break;
			}
			String drained = service.drained() ? ", drained by an operator" : "";
			String suspended = service.suspended() ? ", suspended by an operator" : "";
			states.put(service.id() + " " + service.config().tags(), describe(service) + drained + suspended);
		}
		return states.toString();
	}

	/** No instance will be usable any more. Control thread only. */
	final void end(String reason) {
		this.ended = reason;
	}

	/** Returns whether instances came or went. Control thread only. */
	final boolean publish(Map<String, S> services, Collection<RoutedInstance<S>> usable) {
		View<S> before = this.view;
		RoutingTable<S> routing = route(before.routing(), usable);
		if (routing != before.routing()) {
			this.ringRebuilds++;
		}
		this.view = new View<>(services, routing);
		return services != before.services() && !services.keySet().equals(before.services().keySet());
	}

	/** The algorithm may be the user's, and have its limits. */
	private RoutingTable<S> route(RoutingTable<S> before, Collection<RoutedInstance<S>> usable) {
		try {
			RoutingTable<S> routing = before.update(usable);
			this.routingFailure = null;
			return routing;
		}
		catch (Throwable ex) {
			this.routingFailure = ex;
			return before;
		}
	}

	private record View<S>(Map<String, S> services, RoutingTable<S> routing) {
	}

}
