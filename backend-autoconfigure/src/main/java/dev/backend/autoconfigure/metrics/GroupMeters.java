package dev.backend.autoconfigure.metrics;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceGroup;
import org.jspecify.annotations.Nullable;

/**
 * The meters of a service name, whatever its protocol. They look the group up each time:
 * another one takes its place when its instances were all gone.
 */
final class GroupMeters {

	private GroupMeters() {
	}

	static void register(FleetBackend<?, ?> backend, String service, MeterSet meters) {
		meters.counter("backend.rings.rebuilds", "rebuilds", "How often the rings of a service were made anew", backend,
				(present) -> {
					ServiceGroup<?> group = group(present, service);
					return (group != null) ? group.ringRebuilds() : 0;
				});
		meters.gauge("backend.rings.members", "members", "Instances on the rings: those that may be chosen", backend,
				(present) -> {
					ServiceGroup<?> group = group(present, service);
					return (group != null) ? group.routing().members().size() : 0;
				});
	}

	/** Registers a gauge of the instances in each of these states. */
	static void registerStates(String name, String description, FleetBackend<?, ?> backend, String service,
			MeterSet meters, List<? extends Enum<?>> states) {
		for (Enum<?> state : states) {
			meters.gauge(name, null, description, backend,
					(present) -> services(present, service).stream()
						.filter((instance) -> instance.state() == state)
						.count(),
					"state", state.name().toLowerCase(Locale.ROOT));
		}
	}

	static Collection<? extends FleetService> services(FleetBackend<?, ?> backend, String service) {
		ServiceGroup<?> group = group(backend, service);
		return (group != null) ? group.services() : List.of();
	}

	private static @Nullable ServiceGroup<?> group(FleetBackend<?, ?> backend, String service) {
		return backend.groups().get(service);
	}

}
