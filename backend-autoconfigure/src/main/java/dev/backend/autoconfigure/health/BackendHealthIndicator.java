package dev.backend.autoconfigure.health;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

import dev.backend.Availability;
import dev.backend.autoconfigure.HealthRule;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceGroup;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether enough services of each group are usable, by a rule. The groups are the
 * required ones, or all that are known. What an operator has drained or suspended is not
 * expected to be usable. Down if a group does not meet the rule, unknown if there is no
 * group. Where all that is required is that of other backends, it is never down.
 */
final class BackendHealthIndicator extends AbstractHealthIndicator {

	private final FleetBackend<?, ?> backend;

	private final HealthRule rule;

	private final Collection<String> required;

	private final boolean optional;

	/**
	 * Creates the indicator of a backend.
	 * @param backend the backend
	 * @param rule how many services of a group must be usable
	 * @param required the names of the groups that count; none for all that are known
	 * @param optional whether the backend is not down although a group does not meet the
	 * rule
	 */
	BackendHealthIndicator(FleetBackend<?, ?> backend, HealthRule rule, Collection<String> required, boolean optional) {
		super("Backend health check failed");
		this.backend = backend;
		this.rule = rule;
		this.required = List.copyOf(required);
		this.optional = optional;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		Map<String, Object> groups = new LinkedHashMap<>();
		boolean up = true;
		for (String name : new TreeSet<>(this.required.isEmpty() ? this.backend.groups().keySet() : this.required)) {
			ServiceGroup<?> group = this.backend.findGroup(name);
			Collection<? extends FleetService> services = services(group);
			int usable = count(services, (service) -> service.availability() == Availability.READY);
			up &= this.rule.met(usable, count(services, FleetService::expected));
			Map<String, Object> counts = new LinkedHashMap<>(Map.of("known", services.size(), "usable", usable));
			putIfAny(counts, "drained", count(services, FleetService::drained));
			putIfAny(counts, "suspended", count(services, FleetService::suspended));
			if (group != null && group.routingFailure() != null) {
				counts.put("rings", "stale");
			}
			groups.put(name, counts);
		}
		if (groups.isEmpty() || (!up && this.optional)) {
			builder.unknown();
		}
		else {
			builder.status(up ? Status.UP : Status.DOWN);
		}
		builder.withDetail("rule", this.rule).withDetail("groups", groups);
	}

	private static void putIfAny(Map<String, Object> counts, String name, int count) {
		if (count > 0) {
			counts.put(name, count);
		}
	}

	private static int count(Collection<? extends FleetService> services, Predicate<FleetService> condition) {
		return (int) services.stream().filter(condition).count();
	}

	private static Collection<? extends FleetService> services(@Nullable ServiceGroup<?> group) {
		return (group != null) ? group.services() : List.of();
	}

}
