package dev.backend.autoconfigure.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.Checks;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.ServiceNames;
import dev.backend.logging.PlainText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The fleets of one protocol, each served by one backend bean. An application without
 * {@code fleets} in its properties has one, without a name, to which every service
 * belongs.
 *
 * @param <P> the type of the properties
 */
public final class Fleets<P extends FleetProperties> {

	private static final Logger logger = LoggerFactory.getLogger(Fleets.class);

	private static final String AWAIT_READY = "await-ready";

	/**
	 * Of so many names that no fleet claims each is told; a hostile registry has more.
	 */
	private static final int TOLD = 100;

	private final FleetBinder binder;

	private final String beanSuffix;

	private final Fleet<P> defaults;

	private final Map<String, Fleet<P>> byName = new LinkedHashMap<>();

	private final Map<String, ServiceNames> claims = new LinkedHashMap<>();

	/** The services of fleets without a backend, which are left out by intent. */
	private final List<ServiceNames> leftOut = new ArrayList<>();

	/** The services of what has no name. */
	private final ServiceNames only;

	private final Set<String> unclaimed = ConcurrentHashMap.newKeySet();

	/**
	 * Creates the fleets.
	 * @param binder reads the properties
	 * @param beanSuffix what the names of the backend beans end with, such as
	 * {@code TcpBackend}
	 * @param properties what stands above all fleets
	 * @param exists whether there is a bean of a name
	 * @throws BackendConfigurationException if two fleets claim the same service
	 */
	@SuppressWarnings("unchecked")
	public Fleets(FleetBinder binder, String beanSuffix, P properties, Predicate<String> exists) {
		this.binder = binder;
		this.beanSuffix = beanSuffix;
		this.defaults = new Fleet<>(null, properties, binder);
		for (String name : binder.names()) {
			P ofFleet = (P) binder.bind(name, properties.getClass());
			if (ofFleet.enabled() && exists.test(beanName(name))) {
				this.byName.put(name, new Fleet<>(name, ofFleet, binder));
				this.claims.put(name, claim(name, ofFleet.services()));
				continue;
			}
			if (binder.isOwn(name, "services") && !ofFleet.services().isEmpty()) {
				this.leftOut.add(claim(name, ofFleet.services()));
			}
			if (ofFleet.enabled()) {
				logger.warn("The fleet '{}' below {}.fleets has no backend: which fleets there are was fixed when the "
						+ "application was processed ahead of time", name, binder.prefix());
			}
		}
		boolean limited = this.byName.isEmpty() && !properties.services().isEmpty();
		this.only = limited ? names(binder.prefix() + ".services", properties.services()) : ServiceNames.ALL;
		refuseSharedClaims(new ArrayList<>(this.claims.entrySet()));
		all().forEach(this::awaitReady);
	}

	/** What stands above all fleets is none of a fleet's services. */
	private ServiceNames claim(String fleet, Collection<String> services) {
		String property = this.binder.prefix() + ".fleets." + fleet + ".services";
		Checks.require(this.binder.isOwn(fleet, "services") && !services.isEmpty(), property,
				this.binder.isOwn(fleet, "services") ? services : "not set",
				"the names of the services of this fleet, in which * stands for any characters");
		return names(property, services);
	}

	private static ServiceNames names(String property, Collection<String> services) {
		try {
			return ServiceNames.of(services);
		}
		catch (IllegalArgumentException ex) {
			throw Checks.refusal(property, services, "names of which none is blank");
		}
	}

	private void refuseSharedClaims(List<Map.Entry<String, ServiceNames>> claims) {
		for (int i = 0; i < claims.size(); i++) {
			for (int j = 0; j < i; j++) {
				String shared = claims.get(i).getValue().findCommon(claims.get(j).getValue());
				if (shared != null) {
					throw new BackendConfigurationException(
							"Two fleets below %s.fleets claim the %s: '%s' with services %s and '%s' with services %s."
								.formatted(this.binder.prefix(),
										shared.isEmpty() ? "same services" : "service '" + shared + "'",
										claims.get(j).getKey(), claims.get(j).getValue(), claims.get(i).getKey(),
										claims.get(i).getValue()),
							"Let each service belong to one fleet.");
				}
			}
		}
	}

	/**
	 * Returns what the properties of the protocol begin with.
	 * @return for example {@code backend.tcp}
	 */
	public String prefix() {
		return this.binder.prefix();
	}

	/**
	 * Returns the names of the fleets.
	 * @return the names in order; empty if there is one fleet, without a name
	 */
	public Set<String> names() {
		return this.byName.keySet();
	}

	/**
	 * Returns the name of the backend bean of a fleet.
	 * @param fleet the name of the fleet
	 * @return for example {@code gameTcpBackend}
	 */
	public String beanName(String fleet) {
		return beanName(fleet, this.beanSuffix);
	}

	/**
	 * Returns the name of the backend bean of a fleet.
	 * @param fleet the name of the fleet
	 * @param beanSuffix what the names of the backend beans end with
	 * @return for example {@code gameTcpBackend}
	 */
	public static String beanName(String fleet, String beanSuffix) {
		StringBuilder name = new StringBuilder();
		for (String word : fleet.split("-")) {
			name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
		}
		return name + beanSuffix;
	}

	/**
	 * Returns all fleets.
	 * @return those of the properties, or else the one without a name
	 */
	public Collection<Fleet<P>> all() {
		return this.byName.isEmpty() ? List.of(this.defaults) : this.byName.values();
	}

	/**
	 * Returns a fleet.
	 * @param name its name, or {@code null} for what stands above all fleets
	 * @return the fleet
	 */
	public Fleet<P> get(@Nullable String name) {
		Fleet<P> fleet = (name != null) ? this.byName.get(name) : this.defaults;
		if (fleet == null) {
			throw new BackendConfigurationException(
					"There is a backend of the fleet '%s', but %s.fleets has %s.".formatted(name, this.binder.prefix(),
							names()),
					"Process the application ahead of time with the fleets that it is to have: "
							+ "which there are is fixed by that.");
		}
		return fleet;
	}

	/**
	 * Returns the fleet that a backend serves.
	 * @param backend the backend
	 * @return its fleet; what stands above all fleets for one that the application has
	 * built itself
	 */
	public Fleet<P> of(FleetBackend<?, ?> backend) {
		for (Map.Entry<String, Fleet<P>> fleet : this.byName.entrySet()) {
			if (beanName(fleet.getKey()).equals(backend.name())) {
				return fleet.getValue();
			}
		}
		return this.defaults;
	}

	/**
	 * Returns how long the start waits for a backend.
	 * @param backend the backend
	 * @return the longest time; zero if it does not wait
	 * @throws InvalidConfigurationPropertyValueException if it is negative
	 */
	public Duration awaitReady(FleetBackend<?, ?> backend) {
		return awaitReady(of(backend));
	}

	private Duration awaitReady(Fleet<P> fleet) {
		return fleet.make(
				(properties) -> Checks.notNegative(this.binder.prefix() + "." + AWAIT_READY, properties.awaitReady()));
	}

	/**
	 * Returns which property says how long the start waits for a backend.
	 * @param backend the backend
	 * @return its full name
	 */
	public String awaitReadyProperty(FleetBackend<?, ?> backend) {
		return of(backend).propertyName(AWAIT_READY);
	}

	/**
	 * Returns which services belong to a fleet. A service that belongs to none is told
	 * once.
	 * @param fleet the fleet
	 * @return its services
	 */
	public Predicate<String> services(Fleet<P> fleet) {
		ServiceNames claim = (fleet.name() != null) ? this.claims.get(fleet.name()) : null;
		if (claim == null) {
			return this.only;
		}
		return (service) -> {
			boolean claimed = claim.test(service);
			if (!claimed) {
				tellIfUnclaimed(service);
			}
			return claimed;
		};
	}

	/**
	 * Returns the fleet to which a service belongs.
	 * @param service the name of the service
	 * @return the fleet, or {@code null} if no fleet claims it
	 */
	public @Nullable Fleet<P> claiming(String service) {
		for (Map.Entry<String, ServiceNames> claim : this.claims.entrySet()) {
			if (claim.getValue().test(service)) {
				return this.byName.get(claim.getKey());
			}
		}
		return (this.byName.isEmpty() && this.only.test(service)) ? this.defaults : null;
	}

	private void tellIfUnclaimed(String service) {
		boolean unclaimed = claiming(service) == null
				&& this.leftOut.stream().noneMatch((names) -> names.test(service));
		if (unclaimed && this.unclaimed.size() < TOLD && this.unclaimed.add(service)) {
			logger.warn("The service '{}' is left out: no fleet below {}.fleets claims it (fleets: {}){}",
					PlainText.of(service, 80), this.binder.prefix(), this.claims,
					(this.unclaimed.size() < TOLD) ? "" : "; of further ones nothing is said");
		}
	}

}
