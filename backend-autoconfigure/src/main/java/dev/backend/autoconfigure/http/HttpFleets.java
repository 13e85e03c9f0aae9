package dev.backend.autoconfigure.http;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.Checks;
import dev.backend.autoconfigure.fleet.Fleet;
import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.autoconfigure.fleet.Fleets;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;

/**
 * What the properties say of all fleets of HTTP services.
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
	 * @param binder reads the properties
	 * @param properties what stands above all fleets
	 * @param exists whether there is a bean of a name
	 */
	static Fleets<HttpBackendProperties> of(FleetBinder binder, HttpBackendProperties properties,
			Predicate<String> exists) {
		return new Fleets<>(binder, BEAN_SUFFIX, properties, exists);
	}

	/**
	 * Returns the hosts to which auto-configured HTTP clients are led.
	 * @throws InvalidConfigurationPropertyValueException if one cannot be a host, or no
	 * fleet claims it
	 */
	static ServiceHosts hosts(Fleets<HttpBackendProperties> fleets) {
		String property = "route.services";
		Set<String> names = new LinkedHashSet<>();
		for (Fleet<HttpBackendProperties> fleet : fleets.all()) {
			Set<String> ofFleet = claimed(fleets, fleet, property, (properties) -> properties.route().services());
			fleet.make((properties) -> ServiceHosts.of(PREFIX + "." + property, ofFleet));
			names.addAll(ofFleet);
		}
		return ServiceHosts.of(PREFIX + "." + property, names);
	}

	/**
	 * Refuses names of services that Spring Cloud LoadBalancer cannot pick.
	 * @throws InvalidConfigurationPropertyValueException if no fleet claims one
	 */
	static void checkBalanced(Fleets<HttpBackendProperties> fleets) {
		for (Fleet<HttpBackendProperties> fleet : fleets.all()) {
			claimed(fleets, fleet, "load-balancer.services", (properties) -> properties.loadBalancer().services());
		}
	}

	/** Returns whether Spring Cloud LoadBalancer picks an instance by the rings. */
	static boolean isBalanced(String service, Environment environment) {
		FleetBinder binder = new FleetBinder(PREFIX, environment);
		HttpBackendProperties properties = binder.bind(null, HttpBackendProperties.class);
		Fleet<HttpBackendProperties> fleet = of(binder, properties, (bean) -> true).claiming(service);
		if (fleet == null || !fleet.properties().loadBalancer().enabled()) {
			return false;
		}
		Set<String> services = fleet.properties().loadBalancer().services();
		return services.isEmpty()
				|| services.stream().map(ServiceConfig::normalize).anyMatch(ServiceConfig.normalize(service)::equals);
	}

	/**
	 * Returns names of services, of which each belongs to the fleet if the list is its
	 * own, or else to any.
	 */
	private static Set<String> claimed(Fleets<HttpBackendProperties> fleets, Fleet<HttpBackendProperties> fleet,
			String property, Function<HttpBackendProperties, Set<String>> services) {
		boolean own = fleet.hasOwn(property);
		return fleet.make((properties) -> {
			for (String service : services.apply(properties)) {
				Fleet<HttpBackendProperties> claiming = fleets.claiming(service);
				Checks.require(own ? claiming == fleet : claiming != null, PREFIX + "." + property, service,
						own ? "names of services of this fleet"
								: "names of services that belong to a fleet, see " + PREFIX + ".services");
			}
			return services.apply(properties);
		});
	}

}
