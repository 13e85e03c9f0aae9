package dev.backend.autoconfigure.http;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

import dev.backend.ServiceNotFoundException;
import dev.backend.autoconfigure.fleet.Fleet;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.autoconfigure.http.FleetRoutes.Destination;
import dev.backend.http.HttpBackend;
import dev.backend.logging.PlainText;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * How the request of an HTTP client finds its instance: the host of its URI is a service
 * name, which says the fleet, and the hash key and the routing tag are request
 * attributes, or else headers. Thread-safe.
 */
public final class HttpRoutes {

	/**
	 * The request attribute with the hash key. Without a key, requests spread over all
	 * instances.
	 */
	public static final String KEY_ATTRIBUTE = "dev.backend.autoconfigure.http.HttpRoutes.KEY";

	/** The request attribute with the routing tag. */
	public static final String TAG_ATTRIBUTE = "dev.backend.autoconfigure.http.HttpRoutes.TAG";

	private final Fleets<HttpBackendProperties> fleets;

	private final Map<String, FleetRoutes> byFleet = new LinkedHashMap<>();

	/** Of what has no name, if there are no fleets. */
	private final @Nullable FleetRoutes only;

	/**
	 * Creates the routes of all fleets.
	 * @param fleets the fleets
	 * @param backends returns the backend of a fleet
	 */
	HttpRoutes(Fleets<HttpBackendProperties> fleets, Function<Fleet<HttpBackendProperties>, HttpBackend> backends) {
		this.fleets = fleets;
		for (String name : fleets.names()) {
			Fleet<HttpBackendProperties> fleet = fleets.get(name);
			this.byFleet.put(name, new FleetRoutes(backends.apply(fleet), fleet));
		}
		Fleet<HttpBackendProperties> all = fleets.get(null);
		this.only = this.byFleet.isEmpty() ? new FleetRoutes(backends.apply(all), all) : null;
	}

	/**
	 * Returns where a request goes.
	 * @throws ServiceNotFoundException if the host is no known service, or no instance is
	 * usable
	 * @throws IllegalStateException if the request is to be encrypted, and the instance
	 * does not do that
	 */
	Destination destination(URI uri, HttpHeaders headers, Map<String, Object> attributes) {
		String name = ServiceHosts.hostOf(uri);
		if (name == null) {
			throw new IllegalArgumentException(
					"host of '%s': none (expected: a service name, such as http://pay/orders)".formatted(uri));
		}
		return of(name).destination(name, uri.getScheme(), headers, attributes);
	}

	/**
	 * Returns the routes of the fleet to which a service belongs: the one that has
	 * instances of it, which is quicker to find out than which one claims it.
	 * @throws ServiceNotFoundException if no fleet claims it
	 */
	FleetRoutes of(String service) {
		if (this.only != null) {
			return this.only;
		}
		for (FleetRoutes fleet : this.byFleet.values()) {
			if (fleet.knows(service)) {
				return fleet;
			}
		}
		Fleet<HttpBackendProperties> claiming = this.fleets.claiming(service);
		FleetRoutes routes = (claiming != null) ? this.byFleet.get(claiming.name()) : null;
		if (routes == null) {
			throw new ServiceNotFoundException("No service '%s': no fleet below %s.fleets claims it (fleets: %s)"
				.formatted(PlainText.of(service, 80), this.fleets.prefix(), this.fleets.names()));
		}
		return routes;
	}

}
