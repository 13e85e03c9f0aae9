package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import dev.backend.NoReplyException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.MessageCodec.Correlation;
import dev.backend.logging.StandIn;
import dev.backend.transport.PlainWords;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Hands what callers send to a link of a service, or says in words why not. One serves
 * all services of a backend. Safe for use by any thread.
 *
 * @param <M> the type of the messages
 */
final class LinkSender<M> {

	private static final Logger logger = LoggerFactory.getLogger(LinkSender.class);

	private final TcpContext<M> context;

	private final TcpHooks<M> hooks;

	LinkSender(TcpContext<M> context, TcpHooks<M> hooks) {
		this.context = context;
		this.hooks = hooks;
	}

	/** Whom the backend calls. */
	TcpHooks<M> hooks() {
		return this.hooks;
	}

	/**
	 * Queues an {@code M}, or bytes that are encoded already.
	 * @param service where it goes
	 * @param link the link, or {@code null} if there is none to be reached
	 * @param content what to write
	 */
	SendResult trySend(TcpService<M> service, @Nullable Link<M> link, Object content) {
		if (!(content instanceof OutboundMessage.Encoded encoded)) {
			return offer(service, link, new OutboundMessage<>(content));
		}
		if (link != null && link.ownsCodec()) {
			Object message = encoded.message();
			return (message != null) ? offer(service, link, new OutboundMessage<>(message))
					: refuse(service, SendResult.RAW_BYTES);
		}
		if (encoded.bytes().length > this.context.settings().limits().frameBytes()) {
			return refuse(service, SendResult.FRAME_TOO_LARGE);
		}
		return offer(service, link, new OutboundMessage<>(content));
	}

	private static SendResult refuse(TcpService<?> service, SendResult result) {
		service.counters().rejected.increment();
		return result;
	}

	CompletableFuture<M> request(TcpService<M> service, @Nullable Link<M> link, M message, Duration timeout) {
		return submit(service, link, requestId(service, message), message, timeout);
	}

	private @Nullable Object requestId(TcpService<M> service, M message) {
		MessageCodec<M> codec = this.context.codec();
		if (codec.correlation() != Correlation.BY_ID || this.context.idBits() > 0) {
			return null;
		}
		Object id = codec.requestId(message);
		if (id == null) {
			throw new IllegalArgumentException(
					("%s: %s.requestId(message): null (expected: the id by which the reply will be known); "
							+ "pass the id with the request, or return it from the codec")
						.formatted(service, StandIn.nameOf(codec)));
		}
		return id;
	}

	CompletableFuture<M> request(TcpService<M> service, @Nullable Link<M> link, Object requestId, M message,
			Duration timeout) {
		requireIds(service, requestId);
		return submit(service, link, Objects.requireNonNull(requestId, "requestId"), message, timeout);
	}

	private void requireIds(TcpService<M> service, Object requestId) {
		if (this.context.codec().correlation() != Correlation.BY_ID) {
			throw new IllegalArgumentException("%s: request id %s (expected: none, the codec matches replies by order)"
				.formatted(service, requestId));
		}
		if (this.context.idBits() > 0) {
			throw new IllegalArgumentException(
					"%s: request id %s (expected: none, the connection gives out ids, as the codec's idBits() is %d)"
						.formatted(service, requestId, this.context.idBits()));
		}
	}

	/**
	 * Queues a batch.
	 * @param service where it goes
	 * @param link the link, or {@code null} if there is none to be reached
	 * @param batch the batch
	 * @return the replies, in the order of the requests
	 * @throws SendRejectedException if it was refused
	 */
	List<CompletableFuture<M>> submit(TcpService<M> service, @Nullable Link<M> link, TcpBatch<M> batch) {
		List<TcpBatch.Entry<M>> entries = List.copyOf(batch.entries());
		if (entries.isEmpty()) {
			throw new IllegalArgumentException("%s: batch of no messages (expected: at least one)".formatted(service));
		}
		OutboundBatch<M> outbound = newBatch(service, entries);
		int bound = this.context.settings().limits().queuedMessages();
		SendResult result = offer(link, outbound, bound);
		if (result.accepted()) {
			return outbound.replies();
		}
		service.counters().rejected.add(outbound.size());
		SendRejectedException rejection = new SendRejectedException(result, (result == SendResult.BATCH_TOO_LARGE)
				? "%s: %s: %d messages (expected: at most %d, backend.tcp.limits.queued-messages)".formatted(service,
						result.description(), outbound.size(), bound)
				: refusal(service, link, result), null);
		outbound.requests().forEach((request) -> request.fail(rejection));
		throw rejection;
	}

	private SendResult offer(@Nullable Link<M> link, OutboundBatch<M> batch, int bound) {
		if (batch.size() > bound) {
			return SendResult.BATCH_TOO_LARGE;
		}
		if (holdsTooMuch(link)) {
			return SendResult.TOO_MANY_BYTES;
		}
		return (link != null) ? link.offer(batch, bound) : SendResult.NOT_CONNECTED;
	}

	/** Observers are told of none before the codec has named the ids of all. */
	private OutboundBatch<M> newBatch(TcpService<M> service, List<TcpBatch.Entry<M>> entries) {
		List<@Nullable Object> ids = new ArrayList<>(entries.size());
		for (TcpBatch.Entry<M> entry : entries) {
			Object id = entry.requestId();
			if (id != null) {
				requireIds(service, id);
			}
			ids.add((id != null || entry.timeout() == null) ? id : requestId(service, entry.message()));
		}
		List<Outbound<M>> parts = new ArrayList<>(entries.size());
		for (int i = 0; i < entries.size(); i++) {
			TcpBatch.Entry<M> entry = entries.get(i);
			Duration timeout = entry.timeout();
			parts.add((timeout != null) ? newRequest(service, ids.get(i), entry.message(), Nanos.ofTimeout(timeout))
					: new OutboundMessage<>(entry.message()));
		}
		return new OutboundBatch<>(parts);
	}

	/**
	 * Ends a request to which no reply will come.
	 * @param service whose caller says so
	 * @param request the request
	 */
	boolean endWithoutReply(TcpService<M> service, CompletableFuture<M> request) {
		if (!(request instanceof RequestFuture<M>)) {
			throw new IllegalArgumentException("%s: %s (expected: the future that request(…) has returned)"
				.formatted(service, request.getClass().getName()));
		}
		return request
			.completeExceptionally(new NoReplyException(service + ": its caller said that no reply will come"));
	}

	private CompletableFuture<M> submit(TcpService<M> service, @Nullable Link<M> link, @Nullable Object id, M message,
			Duration timeout) {
		RequestFuture<M> request = newRequest(service, id, message, Nanos.ofTimeout(timeout));
		SendResult result = offer(service, link, request);
		if (!result.accepted()) {
			request.fail(new SendRejectedException(result, refusal(service, link, result), null));
		}
		return request;
	}

	private RequestFuture<M> newRequest(TcpService<M> service, @Nullable Object id, M message, long timeout) {
		RequestObserver<M> observer = this.hooks.requestObserver();
		return (observer != null) ? observed(observer, service, id, message, timeout)
				: new RequestFuture<>(id, message, System.nanoTime() + timeout);
	}

	private RequestFuture<M> observed(RequestObserver<M> observer, TcpService<M> service, @Nullable Object id,
			M message, long timeout) {
		long now = System.nanoTime();
		RequestObservation<M> observation = begin(observer, service, message);
		return (observation != null) ? new ObservedRequest<>(service.log(), observation, id,
				changed(observation, service, message), now, now + timeout)
				: new RequestFuture<>(id, message, now + timeout);
	}

	/** Returns what follows a request; {@code null} if the observer failed. */
	private @Nullable RequestObservation<M> begin(RequestObserver<M> observer, TcpService<M> service, M message) {
		try {
			return Objects.requireNonNull(observer.begin(service, message), "observation");
		}
		catch (Throwable ex) {
			service.log().threw(logger, Level.WARN, ex, "Request observer failed for {}", service);
			return null;
		}
	}

	/** What has begun is told of the end, also if it cannot change the message. */
	private M changed(RequestObservation<M> observation, TcpService<M> service, M message) {
		try {
			return Objects.requireNonNull(observation.message(message), "message of the observation");
		}
		catch (Throwable ex) {
			service.log()
				.threw(logger, Level.WARN, ex, "Request observation failed for {}; the message is sent as it was",
						service);
			return message;
		}
	}

	private SendResult offer(TcpService<M> service, @Nullable Link<M> link, Outbound<M> outbound) {
		TcpLimits limits = this.context.settings().limits();
		if (limits.totalBytes() > 0 && holdsTooMuch(link)) {
			return refuse(service, SendResult.TOO_MANY_BYTES);
		}
		SendResult result = (link != null) ? link.offer(outbound, limits.queuedMessages()) : SendResult.NOT_CONNECTED;
		return result.accepted() ? result : refuse(service, result);
	}

	private boolean holdsTooMuch(@Nullable Link<M> link) {
		return link != null && link.isActive() && this.context.budget().refuses(link.heldBytes());
	}

	/**
	 * Says why something was refused.
	 * @param service where it was to go
	 * @param link by which it was to go out, or {@code null} if there was none
	 * @param result the result
	 */
	String refusal(TcpService<M> service, @Nullable Link<M> link, SendResult result) {
		return "%s: %s%s%s".formatted(service, result.description(), bound(result), where(service, link));
	}

	private String where(TcpService<M> service, @Nullable Link<M> link) {
		String gone = (link != null && !link.isActive()) ? ": the connection %s is gone".formatted(link.name()) : "";
		TcpState state = service.state();
		Throwable failure = service.lastFailure();
		String ended = service.ended();
		if (ended != null) {
			return "%s (%s: %s)".formatted(gone, state, ended);
		}
		String reason = (failure != null) ? ": " + PlainWords.describe(failure, service.toString())
				: (state == TcpState.CONNECTED) ? ": not ready yet; its handler sends by the connection" : "";
		return "%s (%s%s)".formatted(gone, state, reason);
	}

	private String bound(SendResult result) {
		TcpLimits limits = this.context.settings().limits();
		return switch (result) {
			case QUEUE_FULL ->
				": at most %d messages (backend.tcp.limits.queued-messages)".formatted(limits.queuedMessages());
			case FRAME_TOO_LARGE ->
				": at most %d bytes (backend.tcp.limits.frame-bytes)".formatted(limits.frameBytes());
			case TOO_MANY_BYTES -> ": %d are held (expected: below %d, backend.tcp.limits.total-bytes)"
				.formatted(this.context.budget().held(), limits.totalBytes());
			default -> "";
		};
	}

}
