package dev.backend.tcp;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Tells two observers of each request; that one fails does not keep the other from it.
 *
 * @param <M> the type of the messages
 * @param first the one that is told first
 * @param second the other one
 */
record CompositeObserver<M>(RequestObserver<M> first, RequestObserver<M> second) implements RequestObserver<M> {

	private static final Logger logger = LoggerFactory.getLogger(CompositeObserver.class);

	@Override
	public RequestObservation<M> begin(TcpService<M> service, M message) {
		RequestObservation<M> observation = begin(this.first, service, message);
		RequestObservation<M> other = begin(this.second, service, message);
		if (observation == null || other == null) {
			return (observation != null) ? observation : (other != null) ? other : CompositeObserver::ignore;
		}
		return new Observation<>(observation, other);
	}

	private static <M> @Nullable RequestObservation<M> begin(RequestObserver<M> observer, TcpService<M> service,
			M message) {
		try {
			return observer.begin(service, message);
		}
		catch (Throwable ex) {
			service.log().threw(logger, Level.WARN, ex, "Request observer failed for {}", service);
			return null;
		}
	}

	private static void ignore(RequestOutcome outcome, @Nullable Throwable failure, long nanos) {
	}

	private record Observation<M>(RequestObservation<M> first,
			RequestObservation<M> second) implements RequestObservation<M> {

		@Override
		public M message(M message) {
			return this.second.message(this.first.message(message));
		}

		@Override
		public void ended(RequestOutcome outcome, @Nullable Throwable failure, long nanos) {
			try {
				this.first.ended(outcome, failure, nanos);
			}
			finally {
				this.second.ended(outcome, failure, nanos);
			}
		}

	}

}
