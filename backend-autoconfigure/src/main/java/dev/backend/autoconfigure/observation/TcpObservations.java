package dev.backend.autoconfigure.observation;

import dev.backend.codec.MessageCodec;
import dev.backend.tcp.RequestObserver;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpInstrumentation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes the requests and handlers of a backend, unless the registry does nothing.
 *
 * @param registry where observations begin
 * @param requests how requests are observed
 * @param messages how the handling of messages is observed
 */
record TcpObservations(ObservationRegistry registry, TcpRequestObservationConvention requests,
		TcpMessageObservationConvention messages) implements TcpInstrumentation {

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
