package dev.backend.autoconfigure.endpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.BackendDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.FleetDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.RegistrationDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.RouteDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.ServiceDescriptor;
import dev.backend.autoconfigure.registration.ServiceRegistrar;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The actuator endpoint that shows the backends: their groups and services, in which
 * state each is, since when and why, how discovery is doing, and what this application
 * has registered. It says where keys go, and where its access is unrestricted it drains,
 * undrains, suspends, resumes and reconnects single services. It shows no metadata,
 * because secrets may be there.
 */
@Endpoint(id = "backends", defaultAccess = Access.READ_ONLY)
public class BackendsEndpoint {

	private static final String ROUTE = "route";

	private final Map<String, FleetBackend<?, ?>> backends;

	private final Map<String, FleetDescriptor> fleets;

	private final Supplier<List<ServiceRegistrar>> registrars;

	/**
	 * Creates the endpoint.
	 * @param backends the backends by bean name
	 * @param fleets the fleets of those that serve one, by bean name
	 * @param registrars what this application registers
	 */
	BackendsEndpoint(Map<String, FleetBackend<?, ?>> backends, Map<String, FleetDescriptor> fleets,
			Supplier<List<ServiceRegistrar>> registrars) {
		this.backends = backends;
		this.fleets = fleets;
		this.registrars = registrars;
	}

	/**
	 * Returns all backends.
	 * @return the present state
	 */
	@ReadOperation
	public BackendsDescriptor backends() {
		Map<String, BackendDescriptor> described = new LinkedHashMap<>();
		this.backends.keySet().forEach((name) -> described.put(name, backend(name)));
		List<RegistrationDescriptor> registrations = this.registrars.get()
			.stream()
			.flatMap((registrar) -> registrar.registrations().stream())
			.map(RegistrationDescriptor::of)
			.toList();
		return new BackendsDescriptor(described, registrations);
	}

	/**
	 * Returns one backend.
	 * @param backend its bean name
	 * @return the present state
	 * @throws ServiceNotFoundException if there is no such backend
	 */
	@ReadOperation
	public BackendDescriptor backend(@Selector String backend) {
		return BackendDescriber.describe(find(backend), this.fleets.get(backend));
	}

	/**
	 * Returns where a key goes, and where it would go if those instances were gone.
	 * @param backend the bean name of the backend
	 * @param view what to see; {@code route}
	 * @param service the service name
	 * @param key the key
	 * @param tag the routing tag that the instance must have, or {@code null} for any
	 * @return the owner and those that follow it
	 * @throws ServiceNotFoundException if there is no such backend or service, or if none
	 * of its instances is usable; the message says why
	 * @throws IllegalArgumentException if another view is asked for
	 */
	@ReadOperation
	public RouteDescriptor route(@Selector String backend, @Selector String view, String service, String key,
			@Nullable String tag) {
		FleetBackend<?, ?> found = find(backend);
		if (!view.equals(ROUTE)) {
			throw new IllegalArgumentException("view: '%s' (expected: route)".formatted(view));
		}
		Route route = Route.hash(key);
		return BackendDescriber.route(found.group(service), (tag != null) ? route.tag(tag) : route, key);
	}

	/**
	 * Changes one service: {@code drain} takes it off the rings, {@code undrain} puts it
	 * back there, {@code suspend} closes its TCP connection once it is off the rings and
	 * what is pending has finished, and makes none until {@code resume}, and
	 * {@code reconnect} closes its TCP connection and makes a new one.
	 * @param backend the bean name of the backend
	 * @param operation what to do
	 * @param service the service name
	 * @param id the id of the instance
	 * @return the service after that, or {@code null} if discovery does not list it at
	 * present
	 * @throws ServiceNotFoundException if there is no such backend or service
	 * @throws IllegalArgumentException if there is no such operation
	 * @throws UnsupportedOperationException if the backend keeps no connections
	 */
	@WriteOperation
	public @Nullable ServiceDescriptor change(@Selector String backend, @Selector String operation, String service,
			String id) {
		FleetBackend<?, ?> found = find(backend);
		ServiceOperation.of(operation).run(found, service, id);
		FleetService changed = found.findService(service, id);
		return (changed != null) ? BackendDescriber.describe(found, changed) : null;
	}

	private FleetBackend<?, ?> find(String name) {
		FleetBackend<?, ?> backend = this.backends.get(name);
		if (backend == null) {
			throw new ServiceNotFoundException(
					"No backend '%s' (expected: one of %s)".formatted(name, this.backends.keySet()));
		}
		return backend;
	}

}
