package dev.backend.autoconfigure.metrics;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.LeftOut;
import dev.backend.fleet.FleetBackend;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * What the backends know of their registries. All meters are tagged with the name of the
 * backend's bean.
 */
final class DiscoveryMetrics implements MeterBinder {

	private static final String BACKEND = "backend";

	private final Map<String, FleetBackend<?, ?>> backends;

	DiscoveryMetrics(Map<String, FleetBackend<?, ?>> backends) {
		this.backends = backends;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.backends.forEach((name, backend) -> {
			FunctionCounter.builder("backend.discovery.holds", backend, FleetBackend::holdsStarted)
				.tag(BACKEND, name)
				.description("How often the registry missed instances whose loss had to be confirmed")
				.register(registry);
			Gauge.builder("backend.discovery.held", backend, DiscoveryMetrics::held)
				.tag(BACKEND, name)
				.description("Instances that the registry misses and whose loss is not confirmed yet")
				.register(registry);
			Gauge.builder("backend.discovery.instances", backend, (present) -> present.discoveryStatus().instances())
				.tag(BACKEND, name)
				.description("Entries of the registry that are used")
				.register(registry);
			Gauge.builder("backend.discovery.seen", backend, (present) -> present.discoveryStatus().counts().seen())
				.tag(BACKEND, name)
				.description("Entries of the registry, used or not")
				.register(registry);
			Gauge.builder("backend.discovery.rejected", backend, (present) -> present.discoveryStatus().rejected())
				.tag(BACKEND, name)
				.description("Entries that are malformed, not allowed or too many")
				.register(registry);
			Gauge
				.builder("backend.discovery.up", backend,
						(present) -> (present.discoveryStatus().state() == DiscoveryStatus.State.UP) ? 1 : 0)
				.tag(BACKEND, name)
				.description("Whether the registry answers: 1 or 0")
				.register(registry);
			for (LeftOut reason : LeftOut.values()) {
				Gauge.builder("backend.discovery.left.out", backend, (present) -> leftOut(present, reason))
					.tag(BACKEND, name)
					.tag("reason", reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))
					.description("Entries of the registry that are not used")
					.register(registry);
			}
			reads(registry, name, backend, "success", DiscoveryReads::succeeded);
			reads(registry, name, backend, "failure", DiscoveryReads::failed);
		});
	}

	private static void reads(MeterRegistry registry, String name, FleetBackend<?, ?> backend, String outcome,
			ToLongFunction<DiscoveryReads> count) {
		FunctionCounter
			.builder("backend.discovery.reads", backend, (present) -> count.applyAsLong(present.discoveryReads()))
			.tag(BACKEND, name)
			.tag("outcome", outcome)
			.baseUnit("reads")
			.description("Reads of the registry")
			.register(registry);
	}

	/** By the sources, and by the backend of what the sources take. */
	private static int leftOut(FleetBackend<?, ?> backend, LeftOut reason) {
		InstanceCounts own = backend.instanceCounts();
		return backend.discoveryStatus().counts().leftOut().getOrDefault(reason, 0)
				+ ((own != null) ? own.leftOut().getOrDefault(reason, 0) : 0);
	}

	private static int held(FleetBackend<?, ?> backend) {
		return backend.holds().values().stream().mapToInt(Collection::size).sum();
	}

}
