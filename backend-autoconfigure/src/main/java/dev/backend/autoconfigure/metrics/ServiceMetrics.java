package dev.backend.autoconfigure.metrics;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceGroup;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * What happens to the services of the backends, by service name. The meters of a name are
 * there while it has an instance, and stay when the backend is closed, to be published a
 * last time.
 */
final class ServiceMetrics implements MeterBinder {

	private final Map<String, FleetBackend<?, ?>> backends;

	private final MetricsProperties properties;

	ServiceMetrics(Map<String, FleetBackend<?, ?>> backends, MetricsProperties properties) {
		this.backends = backends;
		this.properties = properties;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.backends.forEach((name, backend) -> bind(registry, name, backend));
	}

	private void bind(MeterRegistry registry, String name, FleetBackend<?, ?> backend) {
		ProtocolMeters meters = meters(backend);
		MeterTable<String> services = new MeterTable<>("service names of '%s'".formatted(name),
				this.properties.maximumServices(), "backend.metrics.maximum-services", (service) -> {
					MeterSet set = new MeterSet(registry, "backend", name, "service", service);
					GroupMeters.register(backend, service, set);
					meters.register(service, set);
					return set;
				});
		MeterTable<InstanceMeters> instances = new MeterTable<>("instances of '%s'".formatted(name),
				this.properties.maximumInstances(), "backend.metrics.maximum-instances",
				(instance) -> instance.register(registry, name, backend));
		backend.onServicesChanged(() -> {
			if (backend.running()) {
				Map<String, ? extends ServiceGroup<?>> groups = backend.groups();
				services.update(groups.keySet());
				meters.retain(groups.keySet());
				if (this.properties.perInstance()) {
					instances.update(instances(groups));
				}
			}
		});
	}

	private static ProtocolMeters meters(FleetBackend<?, ?> backend) {
		if (backend instanceof TcpBackend<?> tcp) {
			return TcpMeters.of(tcp);
		}
		return (backend instanceof HttpBackend http) ? new HttpMeters(http) : (service, set) -> {
		};
	}

	private static Set<InstanceMeters> instances(Map<String, ? extends ServiceGroup<?>> groups) {
		Set<InstanceMeters> instances = new HashSet<>();
		for (ServiceGroup<?> group : groups.values()) {
			for (FleetService service : group.services()) {
				instances.add(new InstanceMeters(service.name(), service.id()));
			}
		}
		return instances;
	}

}
