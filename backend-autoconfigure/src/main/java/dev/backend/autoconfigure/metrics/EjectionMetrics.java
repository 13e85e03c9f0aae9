package dev.backend.autoconfigure.metrics;

import java.util.Map;

import dev.backend.fleet.FleetBackend;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * How many instances are off their rings because requests to them failed. The meters are
 * tagged with the name of the backend's bean.
 */
final class EjectionMetrics implements MeterBinder {

	private static final String BACKEND = "backend";

	private final Map<String, FleetBackend<?, ?>> backends;

	EjectionMetrics(Map<String, FleetBackend<?, ?>> backends) {
		this.backends = backends;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.backends.forEach((name, backend) -> {
			if (backend instanceof HttpBackend http) {
				bind(registry, name, http);
			}
		});
	}

	private static void bind(MeterRegistry registry, String name, HttpBackend backend) {
		FunctionCounter.builder("backend.http.ejections", backend, HttpBackend::ejections)
			.tag(BACKEND, name)
			.description("How often an instance was ejected because requests to it failed")
			.register(registry);
		Gauge.builder("backend.http.ejected", backend, EjectionMetrics::ejected)
			.tag(BACKEND, name)
			.description("Instances that are ejected")
			.register(registry);
	}

	private static long ejected(HttpBackend backend) {
		return backend.services().stream().filter((service) -> service.state() == HttpState.EJECTED).count();
	}

}
