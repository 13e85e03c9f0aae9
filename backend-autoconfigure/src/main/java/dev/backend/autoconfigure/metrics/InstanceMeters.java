package dev.backend.autoconfigure.metrics;

import java.util.function.ToDoubleFunction;

import dev.backend.Availability;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpService;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * The meters of one instance, if they are asked for. They look it up each time: another
 * object takes its place when it leaves and comes back.
 *
 * @param service the service name
 * @param id the id
 */
record InstanceMeters(String service, String id) {

	MeterSet register(MeterRegistry registry, String name, FleetBackend<?, ?> backend) {
		MeterSet meters = new MeterSet(registry, "backend", name, "service", this.service, "instance", this.id);
		meters.gauge("backend.instance.ready", null, "Whether the instance may be chosen: 1 or 0", backend,
				value((instance) -> (instance.availability() == Availability.READY) ? 1 : 0));
		if (backend instanceof TcpBackend<?>) {
			meters.gauge("backend.instance.queued", "messages", "Messages for the instance that wait to be encoded",
					backend, value((instance) -> ((TcpService<?>) instance).queuedMessages()));
			meters.gauge("backend.instance.pending", "requests", "Requests to the instance that wait for their reply",
					backend, value((instance) -> ((TcpService<?>) instance).pendingRequests()));
		}
		return meters;
	}

	private ToDoubleFunction<FleetBackend<?, ?>> value(ToDoubleFunction<FleetService> value) {
		return (backend) -> {
			FleetService instance = backend.findService(this.service, this.id);
			return (instance != null) ? value.applyAsDouble(instance) : 0;
		};
	}

}
