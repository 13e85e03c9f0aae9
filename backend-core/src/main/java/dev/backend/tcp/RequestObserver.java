package dev.backend.tcp;

/**
 * Told of every request to a service, for metrics and traces.
 *
 * @param <M> the type of the messages
 * @see TcpBackend#observeRequests(RequestObserver)
 */
@FunctionalInterface
public interface RequestObserver<M> {

	/**
	 * Called by the thread that makes a request, before that is queued. Must not block.
	 * If it throws, that is logged, and the request goes on without it.
	 * @param service the service to which the request goes
	 * @param message the message
	 * @return what follows the request to its end
	 */
	RequestObservation<M> begin(TcpService<M> service, M message);

}
