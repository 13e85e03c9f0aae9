package dev.backend.autoconfigure.metrics;

import java.util.Map;

import dev.backend.fleet.FleetBackend;
import dev.backend.tcp.TcpBackend;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * How many bytes all connections of a backend hold, where they are bounded. The meter is
 * tagged with the name of the backend's bean.
 */
final class HeldBytesMetrics implements MeterBinder {

	private final Map<String, FleetBackend<?, ?>> backends;

	HeldBytesMetrics(Map<String, FleetBackend<?, ?>> backends) {
		this.backends = backends;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.backends.forEach((name, backend) -> {
			if (backend instanceof TcpBackend<?> tcp) {
				Gauge.builder("backend.tcp.held", tcp, TcpBackend::heldBytes)
					.tag("backend", name)
					.baseUnit("bytes")
					.description("Bytes of all connections that are encoded and not written yet, or have arrived and "
							+ "are not decoded yet, or were read ahead of a handler; 0 without backend.tcp.limits.total-bytes")
					.register(registry);
			}
		});
	}

}
