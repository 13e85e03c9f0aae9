package dev.backend.autoconfigure.health;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

import dev.backend.Availability;
import dev.backend.ServiceConfig;
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
 * group.
 */
final class BackendHealthIndicator extends AbstractHealthIndicator {

	private final FleetBackend<?, ?> backend;

	private final HealthRule rule;

	private final Collection<String> required;

	BackendHealthIndicator(FleetBackend<?, ?> backend, HealthRule rule, Collection<String> required) {
		super("Backend health check failed");
		this.backend = backend;
		this.rule = rule;
		this.required = required.stream().map(ServiceConfig::normalize).toList();
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
		if (groups.isEmpty()) {
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
