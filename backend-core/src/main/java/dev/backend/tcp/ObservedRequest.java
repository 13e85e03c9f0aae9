package dev.backend.tcp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

import dev.backend.ConnectionLostException;
import dev.backend.NoReplyException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A request whose end is told to an observation. Only made where there is an observer, so
 * that without one a request needs neither the fields nor the second look at the clock.
 *
 * <p>
 * Whoever takes the observation away has the right to end the request: the reader, the
 * timer, the caller who cancels. So it is told once, and before the future completes,
 * lest what depends on it counts as time of the request.
 *
 * @param <M> the type of the messages
 */
final class ObservedRequest<M> extends RequestFuture<M> {

	private static final Logger logger = LoggerFactory.getLogger(ObservedRequest.class);

	private static final VarHandle OBSERVATION;

	static {
		try {
			OBSERVATION = MethodHandles.lookup()
				.findVarHandle(ObservedRequest.class, "observation", RequestObservation.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final ServiceLog log;

	private final long startedAt;

	private volatile @Nullable RequestObservation<M> observation;

	/**
	 * Creates a request.
	 * @param log the log of the service name
	 * @param observation follows it to its end
	 * @param id the id of the reply, or {@code null} if replies come in order
	 * @param message the message
	 * @param startedAt the present time, by {@link System#nanoTime()}
	 * @param deadline when it times out
	 */
	ObservedRequest(ServiceLog log, RequestObservation<M> observation, @Nullable Object id, M message, long startedAt,
			long deadline) {
		super(id, message, deadline);
		this.log = log;
		this.startedAt = startedAt;
		this.observation = observation;
	}

	@Override
	boolean reply(M reply) {
		return end(RequestOutcome.REPLY, null) && super.reply(reply);
	}

	@Override
	boolean fail(Throwable failure) {
		return end(outcome(failure), failure) && super.fail(failure);
	}

	@Override
	boolean reply(M reply, LongSupplier clock) {
		RequestObservation<M> observation = take();
		return observation != null && end(observation, RequestOutcome.REPLY, null, clock.getAsLong())
				&& super.reply(reply);
	}

	@Override
	public boolean complete(M value) {
		return end(RequestOutcome.CANCELLED, null) && super.complete(value);
	}

	@Override
	public boolean completeExceptionally(Throwable failure) {
		return end(outcome(failure), failure) && super.completeExceptionally(failure);
	}

	@Override
	public boolean cancel(boolean mayInterruptIfRunning) {
		return completeExceptionally(new CancellationException()) || isCancelled();
	}

	private static RequestOutcome outcome(Throwable failure) {
		if (failure instanceof RequestTimeoutException) {
			return RequestOutcome.TIMEOUT;
		}
		if (failure instanceof ConnectionLostException) {
			return RequestOutcome.LOST;
		}
		if (failure instanceof NoReplyException) {
			return RequestOutcome.NO_REPLY;
		}
		return (failure instanceof SendRejectedException) ? RequestOutcome.REJECTED : RequestOutcome.CANCELLED;
	}

	private boolean end(RequestOutcome outcome, @Nullable Throwable failure) {
		RequestObservation<M> observation = take();
		return observation != null && end(observation, outcome, failure, System.nanoTime());
	}

	@SuppressWarnings("unchecked")
	private @Nullable RequestObservation<M> take() {
		return (this.observation != null) ? (RequestObservation<M>) OBSERVATION.getAndSet(this, null) : null;
	}

	private boolean end(RequestObservation<M> observation, RequestOutcome outcome, @Nullable Throwable failure,
			long endedAt) {
		try {
			observation.ended(outcome, failure, Math.max(0, endedAt - this.startedAt));
		}
		catch (Throwable ex) {
			// Whatever it is: the request must end, and the others of its connection.
			this.log.threw(logger, Level.WARN, ex, "Request observation failed for {}", this.log.name());
		}
		return true;
	}

}
