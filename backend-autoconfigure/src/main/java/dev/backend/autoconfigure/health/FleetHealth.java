package dev.backend.autoconfigure.health;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.Checks;
import dev.backend.autoconfigure.HealthRule;
import dev.backend.autoconfigure.fleet.Fleet;
import dev.backend.autoconfigure.fleet.FleetProperties;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.fleet.FleetBackend;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * When the backends of one protocol are healthy: each by the rule of its fleet, and by
 * those of the required services that are its own. What is required above all fleets
 * concerns the fleet that claims it, and no other.
 *
 * @param <P> the type of the properties
 */
final class FleetHealth<P extends FleetProperties> {

	private static final String REQUIRED = "health.required-services";

	private final Fleets<P> fleets;

	private final Function<P, HealthRule> rule;

	private final Function<P, Set<String>> required;

	FleetHealth(Fleets<P> fleets, Function<P, HealthRule> rule, Function<P, Set<String>> required) {
		this.fleets = fleets;
		this.rule = rule;
		this.required = required;
	}

	/** Whether the backends are those of fleets, of which each has a place of its own. */
	boolean byFleet() {
		return !this.fleets.names().isEmpty();
	}

	BackendHealthIndicator indicator(FleetBackend<?, ?> backend) {
		Fleet<P> fleet = this.fleets.of(backend);
		HealthRule rule = this.rule.apply(fleet.properties());
		Set<String> required = required(fleet);
		boolean ofOthers = fleet.name() != null
				&& required.removeIf((service) -> this.fleets.claiming(service) != fleet);
		return new BackendHealthIndicator(backend, rule, required, ofOthers && required.isEmpty());
	}

	/**
	 * Refuses required services that would be watched by nobody.
	 * @param backends all backends of the protocol
	 * @throws InvalidConfigurationPropertyValueException if there are some
	 */
	void check(Collection<FleetBackend<?, ?>> backends) {
		for (Fleet<P> fleet : this.fleets.all()) {
			if (fleet.name() != null && fleet.hasOwn(REQUIRED)) {
				for (String service : required(fleet)) {
					Checks.require(this.fleets.claiming(service) == fleet, fleet.propertyName(REQUIRED), service,
							"services that the fleet '%s' claims".formatted(fleet.name()));
				}
			}
		}
		if (!byFleet() || backends.stream().allMatch((backend) -> this.fleets.of(backend).name() != null)) {
			for (String service : required(this.fleets.get(null))) {
				Checks.require(this.fleets.claiming(service) != null, this.fleets.prefix() + "." + REQUIRED, service,
						byFleet() ? "services that one of the fleets %s claims".formatted(this.fleets.names())
								: "services that are among " + this.fleets.prefix() + ".services");
			}
		}
	}

	private Set<String> required(Fleet<P> fleet) {
		Set<String> normalized = new TreeSet<>();
		this.required.apply(fleet.properties()).forEach((service) -> normalized.add(ServiceConfig.normalize(service)));
		return normalized;
	}

}
