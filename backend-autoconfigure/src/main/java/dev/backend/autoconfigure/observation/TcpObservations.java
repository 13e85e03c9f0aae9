package dev.backend.autoconfigure.observation;

import dev.backend.autoconfigure.tcp.TcpBackendProperties;
import dev.backend.autoconfigure.tcp.TcpFleetInstrumentation;
import dev.backend.codec.MessageCodec;
import dev.backend.tcp.RequestObserver;
import dev.backend.tcp.TcpHandler;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes the requests and handlers of the backends of those fleets that want it, unless
 * the registry does nothing.
 *
 * @param registry where observations begin
 * @param requests how requests are observed
 * @param messages how the handling of messages is observed
 * @param traced whether fleets that do not say are observed, because there is a tracer
 */
record TcpObservations(ObservationRegistry registry, TcpRequestObservationConvention requests,
		TcpMessageObservationConvention messages, boolean traced) implements TcpFleetInstrumentation {

	@Override
	public boolean appliesTo(TcpBackendProperties properties) {
		Boolean enabled = properties.observations().enabled();
		return (enabled != null) ? enabled : this.traced;
	}

	@Override
	public <M> TcpHandler<M> instrument(MessageCodec<M> codec, TcpHandler<M> handler) {
		return this.registry.isNoop() ? handler
				: new ObservedHandler<>(handler, this.registry, this.messages, new TraceEntries<>(codec));
	}

	@Override
	public <M> @Nullable RequestObserver<M> requestObserver(MessageCodec<M> codec) {
		return this.registry.isNoop() ? null
				: new ObservedRequests<>(this.registry, this.requests, new TraceEntries<>(codec));
	}

}
