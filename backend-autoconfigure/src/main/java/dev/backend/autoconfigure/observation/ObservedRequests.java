package dev.backend.autoconfigure.observation;

import dev.backend.ServiceConfig;
import dev.backend.tcp.RequestObservation;
import dev.backend.tcp.RequestObserver;
import dev.backend.tcp.RequestOutcome;
import dev.backend.tcp.TcpService;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes each request from the thread that makes it to its end.
 *
 * @param <M> the type of the messages
 * @param registry where observations begin
 * @param convention names and keys
 * @param entries puts the trace into the message
 */
record ObservedRequests<M>(ObservationRegistry registry, TcpRequestObservationConvention convention,
		TraceEntries<M> entries) implements RequestObserver<M> {

	@Override
	public RequestObservation<M> begin(TcpService<M> service, M message) {
		TcpRequestContext context = new TcpRequestContext(service);
		Observation observation = Observation.start(this.convention, () -> context, this.registry);
		return new Request<>(service.config(), observation, context, this.entries);
	}

	private record Request<M>(ServiceConfig service, Observation observation, TcpRequestContext context,
			TraceEntries<M> entries) implements RequestObservation<M> {

		@Override
		public M message(M message) {
			return this.entries.inject(this.service, message, this.context.getCarrier());
		}

		@Override
		public void ended(RequestOutcome outcome, @Nullable Throwable failure, long nanos) {
			this.context.setOutcome(outcome);
			// That no reply comes to a quiet command is no error.
			if (failure != null && outcome != RequestOutcome.NO_REPLY) {
				this.observation.error(failure);
			}
			this.observation.stop();
		}

	}

}
