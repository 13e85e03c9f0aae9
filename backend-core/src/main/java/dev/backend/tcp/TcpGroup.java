package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import dev.backend.fleet.ServiceGroup;
import dev.backend.routing.ConsistentHash;
import dev.backend.transport.PlainWords;

/**
 * The instances of one service name. Safe for use by any thread. No method blocks.
 *
 * @param <M> the type of the messages
 */
public final class TcpGroup<M> extends ServiceGroup<TcpService<M>> {

	private final TcpContext<M> context;

	TcpGroup(String name, ConsistentHash algorithm, TcpContext<M> context) {
		super(name, algorithm);
		this.context = context;
	}

	/**
	 * Returns what happened to the services of this name since the backend started.
	 * @return the counters; live
	 */
	public TcpCounters counters() {
		return this.context.counters(name());
	}

	/**
	 * Queues a message for the service that a route leads to.
	 * @param route the route
	 * @param message the message; must not be changed any more
	 * @throws ServiceNotFoundException if none is usable
	 * @throws SendRejectedException if it was refused; nothing of it is written
	 */
	public void send(Route route, M message) {
		sendContent(route, message);
	}

	/**
	 * Queues a message for the service that a route leads to, or says why not.
	 * @param route the route
	 * @param message the message; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that it is queued
	 */
	public SendResult trySend(Route route, M message) {
		return trySendContent(route, message);
	}

	/**
	 * Queues bytes that are one or more whole frames already for the service that a route
	 * leads to.
	 * @param route the route
	 * @param bytes the bytes; must not be changed any more
	 * @throws ServiceNotFoundException if none is usable
	 * @throws SendRejectedException if they were refused; nothing of them is written
	 */
	public void sendBytes(Route route, byte[] bytes) {
		sendContent(route, new OutboundMessage.Encoded(bytes));
	}

	/**
	 * Queues bytes that are one or more whole frames already for the service that a route
	 * leads to, or says why not.
	 * @param route the route
	 * @param bytes the bytes; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that they are queued
	 */
	public SendResult trySendBytes(Route route, byte[] bytes) {
		return trySendContent(route, new OutboundMessage.Encoded(bytes));
	}

	/**
	 * Sends a message to the service that a route leads to and returns its reply.
	 * @param route the route
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from now
	 * @return the reply, or its failure, as in
	 * {@link TcpService#request(Object, Duration)}; fails with
	 * {@link ServiceNotFoundException} if none is usable
	 * @throws IllegalArgumentException as there
	 */
	public CompletableFuture<M> request(Route route, M message, Duration timeout) {
		if (route.tries() == 1) {
			TcpService<M> service = find(route);
			return (service != null) ? service.request(message, timeout)
					: CompletableFuture.failedFuture(notFound(route));
		}
		CompletableFuture<M> last = null;
		for (TcpService<M> service : routing().find(route, route.tries())) {
			last = service.request(message, timeout);
			if (!refused(last)) {
				return last;
			}
		}
		return (last != null) ? last : CompletableFuture.failedFuture(notFound(route));
	}

	/**
	 * Queues several messages as one for the service that a route leads to.
	 * @param route the route
	 * @param batch the messages
	 * @return the replies, in the order of the requests of the batch, as in
	 * {@link TcpSender#submit(TcpBatch)}
	 * @throws ServiceNotFoundException if none is usable
	 * @throws SendRejectedException if it was refused as a whole
	 * @throws IllegalArgumentException as there
	 */
	public List<CompletableFuture<M>> submit(Route route, TcpBatch<M> batch) {
		SendRejectedException rejection = null;
		for (TcpService<M> service : candidates(route)) {
			try {
				return service.submit(batch);
			}
			catch (SendRejectedException ex) {
				rejection = ex;
			}
		}
		if (rejection != null) {
			throw rejection;
		}
		throw notFound(route);
	}

	/**
	 * Queues a message for every usable service. It is encoded once, but where a
	 * connection has a codec of its own.
	 * @param message the message; must not be changed any more
	 * @return the outcome of each target
	 * @throws SendRejectedException if it could not be encoded; no target got it
	 */
	public BroadcastResult<M> broadcast(M message) {
		return Broadcast.toAll(this.context, routing().members(), message);
	}

	/**
	 * Queues bytes that are one or more whole frames already for every usable service.
	 * @param bytes the bytes; must not be changed any more
	 * @return the outcome of each target
	 */
	public BroadcastResult<M> broadcastBytes(byte[] bytes) {
		return Broadcast.toAll(routing().members(), bytes);
	}

	private void sendContent(Route route, Object content) {
		TcpService<M> refusing = null;
		SendResult result = SendResult.NO_INSTANCE;
		for (TcpService<M> service : candidates(route)) {
			refusing = service;
			result = service.trySendContent(content);
			if (result.accepted()) {
				return;
			}
		}
		if (refusing == null) {
			throw notFound(route);
		}
		throw refusing.rejection(result);
	}

	SendResult trySendContent(Route route, Object content) {
		SendResult result = SendResult.NO_INSTANCE;
		for (TcpService<M> service : candidates(route)) {
			result = service.trySendContent(content);
			if (result.accepted()) {
				break;
			}
		}
		return result;
	}

	private List<TcpService<M>> candidates(Route route) {
		if (route.tries() > 1) {
			return routing().find(route, route.tries());
		}
		TcpService<M> service = find(route);
		return (service != null) ? List.of(service) : List.of();
	}

	private static boolean refused(CompletableFuture<?> request) {
		return request.isCompletedExceptionally()
				&& request.handle((reply, ex) -> ex instanceof SendRejectedException).getNow(false);
	}

	@Override
	protected String describe(TcpService<M> service) {
		Throwable failure = service.lastFailure();
		return service.state()
				+ ((failure != null) ? " (" + PlainWords.describe(failure, service.toString()) + ")" : "");
	}

}
