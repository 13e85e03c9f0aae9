package dev.backend.autoconfigure.http;

import java.util.function.Predicate;

import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.autoconfigure.fleet.Fleets;

import org.springframework.core.env.Environment;

/**
 * What fleets of HTTP services are called.
 */
final class HttpFleets {

	/** What the properties begin with. */
	static final String PREFIX = "backend.http";

	/** What the names of the backend beans of fleets end with. */
	static final String BEAN_SUFFIX = "HttpBackend";

	private HttpFleets() {
	}

	/**
	 * Returns the fleets.
	 * @param properties what stands above all fleets
	 * @param environment where the properties are
	 * @param exists whether there is a bean of a name
	 */
	static Fleets<HttpBackendProperties> of(HttpBackendProperties properties, Environment environment,
			Predicate<String> exists) {
		return new Fleets<>(new FleetBinder(PREFIX, environment), BEAN_SUFFIX, properties, exists);
	}

}
