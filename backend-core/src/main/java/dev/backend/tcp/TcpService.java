package dev.backend.tcp;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.backend.Availability;
import dev.backend.ConnectionLostException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceConfig;
import dev.backend.codec.MessageCodec.Correlation;
import dev.backend.execution.Dispatcher;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceCallbacks;
import dev.backend.transport.PlainWords;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of a service, and the connection to it. Safe for use by any thread. No
 * method blocks.
 *
 * @param <M> the type of the messages
 */
public final class TcpService<M> extends FleetService {

	private static final Logger logger = LoggerFactory.getLogger(TcpService.class);

	private final TcpContext<M> context;

	private final TcpHooks<M> hooks;

	private final TcpCounters counters;

	private final TcpCallbacks<M> callbacks;

	private final Connector<M> connector;

	TcpService(ServiceConfig config, @Nullable Object info, TcpRuntime<M> runtime, TcpHooks<M> hooks,
			Consumer<TcpService<M>> availabilityChanged) {
		super(config, info);
		this.context = runtime.context();
		this.hooks = hooks;
		this.counters = this.context.counters(config.name());
		this.callbacks = new TcpCallbacks<>(this, hooks.listener(), this.context, this.counters,
				new ScopedHandler<>(hooks.handler(), this), new Dispatcher(this, runtime.handlerExecutor()));
		this.connector = new Connector<>(this, runtime, this.callbacks, () -> availabilityChanged.accept(this));
	}

	/**
	 * Returns where this service is in the life of its connection.
	 * @return the state
	 */
	@Override
	public TcpState state() {
		return this.connector.state();
	}

	/**
	 * Returns how long this service has been in its state.
	 * @return the duration
	 */
	@Override
	public Duration timeInState() {
		return this.connector.timeInState();
	}

	/**
	 * Returns why the last connection ended or the last attempt failed.
	 * @return the cause; {@code null} while connected, and before the first attempt ended
	 */
	@Override
	public @Nullable Throwable lastFailure() {
		return this.connector.lastFailure();
	}

	/**
	 * Returns whether discovery has stopped to list this service, which stays for as long
	 * as it is connected.
	 * @return whether it goes when its connection drops
	 */
	public boolean withdrawn() {
		return this.connector.withdrawn();
	}

	@Override
	protected Availability stateAvailability() {
		return state().availability();
	}

	/**
	 * Returns the two ends of the present connection, for people.
	 * @return for example {@code /10.0.0.9:51324 -> /10.0.0.5:7001}, or {@code null} if
	 * there is none
	 */
	public @Nullable String connectionName() {
		Link<M> link = link();
		return (link != null) ? link.name() : null;
	}

	/**
	 * Returns how many requests of the present connection wait for a reply. Read without
	 * synchronization.
	 * @return the number, as a recent value
	 */
	public int pendingRequests() {
		Link<M> link = link();
		return (link != null) ? link.pendingRequests() : 0;
	}

	/**
	 * Returns how many messages wait to be encoded.
	 * @return the number, as a recent value
	 */
	public int queuedMessages() {
		Link<M> link = link();
		return (link != null) ? link.queuedMessages() : 0;
	}

	/**
	 * Queues a message.
	 * @param message the message; must not be changed any more
	 * @throws SendRejectedException if it was refused; nothing of it is written
	 */
	public void send(M message) {
		requireAccepted(trySend(message));
	}

	/**
	 * Queues a message, or says why not.
	 * @param message the message; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that it is queued
	 */
	public SendResult trySend(M message) {
		return trySendContent(Objects.requireNonNull(message, "message"));
	}

	/**
	 * Queues bytes that are one or more whole frames already.
	 * @param bytes the bytes; must not be changed any more
	 * @throws SendRejectedException if they were refused; nothing of them is written
	 */
	public void sendBytes(byte[] bytes) {
		requireAccepted(trySendBytes(bytes));
	}

	/**
	 * Queues bytes that are one or more whole frames already, or says why not.
	 * @param bytes the bytes; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that they are queued
	 */
	public SendResult trySendBytes(byte[] bytes) {
		return trySendContent(new OutboundMessage.Encoded(bytes, false));
	}

	/** Queues an {@code M}, or bytes that are encoded already. */
	SendResult trySendContent(Object content) {
		if (content instanceof OutboundMessage.Encoded encoded
				&& encoded.bytes().length > this.context.settings().limits().frameBytes()) {
			this.counters.rejected.increment();
			return SendResult.FRAME_TOO_LARGE;
		}
		return offer(new OutboundMessage<>(content));
	}

	/**
	 * Sends a message and returns its reply. The reply is found by the id that the codec
	 * reads from both, or by order where the codec says so.
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from now
	 * @return the reply. It fails with {@link SendRejectedException} if the message was
	 * refused, {@link dev.backend.RequestTimeoutException} at the deadline and
	 * {@link ConnectionLostException} if the connection goes away. Dependent stages
	 * without an executor run on the event loop: they must not block, and {@code join()}
	 * there fails
	 * @throws IllegalArgumentException if the time-out is not positive, or the codec
	 * finds no id in the message
	 */
	public CompletableFuture<M> request(M message, Duration timeout) {
		Object id = null;
		if (this.context.codec().correlation() == Correlation.BY_ID) {
			id = this.context.codec().requestId(message);
			if (id == null) {
				throw new IllegalArgumentException(
						("%s: %s.requestId(message): null (expected: the id by which the reply will be known); "
								+ "pass the id with the request, or return it from the codec")
							.formatted(config().label(), this.context.codec().getClass().getName()));
			}
		}
		return submit(id, message, timeout);
	}

	/**
	 * Sends a message and returns the reply whose {@code responseId} equals an id that
	 * the caller names.
	 * @param requestId the id of the reply
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from now
	 * @return the reply, or its failure, as in {@link #request(Object, Duration)}
	 * @throws IllegalArgumentException if the time-out is not positive, or the codec
	 * matches replies by their order
	 */
	public CompletableFuture<M> request(Object requestId, M message, Duration timeout) {
		if (this.context.codec().correlation() != Correlation.BY_ID) {
			throw new IllegalArgumentException("%s: request id %s (expected: none, the codec matches replies by order)"
				.formatted(config().label(), requestId));
		}
		return submit(Objects.requireNonNull(requestId, "requestId"), message, timeout);
	}

	/**
	 * Says that the handshake or login of the connection that
	 * {@link TcpHandler#onConnected} was called for last has succeeded: the service joins
	 * the rings. Without effect if that connection is gone: a late reply to its login
	 * does not make the next one ready. Needed if {@link TcpHandler#marksReady()}.
	 */
	public void markReady() {
		this.callbacks.markReady();
	}

	/**
	 * Closes the present connection, if there is one, and makes a new one after a
	 * back-off.
	 * @param reason why, for logs and events
	 */
	public void reconnect(String reason) {
		this.connector.reconnect(new ConnectionLostException(config().label() + ": " + reason, true, null));
	}

	/**
	 * Suspends this instance until it is {@linkplain #resume() resumed}: just the same as
	 * {@link TcpBackend#suspend} with its name and id. May be called by a callback of the
	 * handler, such as one whose login was refused for good.
	 * @return a future that completes when the connection is closed, or when the instance
	 * is resumed before that; it fails if the backend is stopped
	 */
	public CompletableFuture<Void> suspend() {
		return requestSuspended(true);
	}

	/**
	 * Resumes this instance: just the same as {@link TcpBackend#resume} with its name and
	 * id.
	 * @return a future that completes when it is being connected; it fails if the backend
	 * is stopped
	 */
	public CompletableFuture<Void> resume() {
		return requestSuspended(false);
	}

	private CompletableFuture<M> submit(@Nullable Object id, M message, Duration timeout) {
		RequestFuture<M> request = newRequest(id, message, nanos(timeout));
		SendResult result = offer(request);
		if (!result.accepted()) {
			request.completeExceptionally(rejection(result));
		}
		return request;
	}

	private RequestFuture<M> newRequest(@Nullable Object id, M message, long timeout) {
		long now = System.nanoTime();
		RequestObserver<M> observer = this.hooks.requestObserver();
		RequestObservation<M> observation = (observer != null) ? begin(observer, message) : null;
		return (observation != null)
				? new ObservedRequest<>(this, observation, id, changed(observation, message), now, now + timeout)
				: new RequestFuture<>(id, message, now + timeout);
	}

	/** Returns what follows a request; {@code null} if the observer failed. */
	private @Nullable RequestObservation<M> begin(RequestObserver<M> observer, M message) {
		try {
			return Objects.requireNonNull(observer.begin(this, message), "observation");
		}
		catch (Throwable ex) {
			logger.warn("Request observer failed for {}", this, ex);
			return null;
		}
	}

	/** What has begun is told of the end, also if it cannot change the message. */
	private M changed(RequestObservation<M> observation, M message) {
		try {
			return Objects.requireNonNull(observation.message(message), "message of the observation");
		}
		catch (Throwable ex) {
			logger.warn("Request observation failed for {}; the message is sent as it was", this, ex);
			return message;
		}
	}

	private static long nanos(Duration timeout) {
		if (timeout.isNegative() || timeout.isZero()) {
			throw new IllegalArgumentException("timeout: %s (expected: > 0)".formatted(timeout));
		}
		// Two hundred years, at most, keep the comparison of nano times right.
		return (timeout.getSeconds() < Long.MAX_VALUE / 2_000_000_000L) ? timeout.toNanos() : Long.MAX_VALUE / 2;
	}

	private SendResult offer(Outbound<M> outbound) {
		Link<M> link = link();
		int bound = this.context.settings().limits().queuedMessages();
		SendResult result = (link != null) ? link.offer(outbound, bound) : SendResult.NOT_CONNECTED;
		if (!result.accepted()) {
			this.counters.rejected.increment();
		}
		return result;
	}

	private void requireAccepted(SendResult result) {
		if (!result.accepted()) {
			throw rejection(result);
		}
	}

	SendRejectedException rejection(SendResult result) {
		Throwable failure = lastFailure();
		return new SendRejectedException(result, "%s: %s%s (%s%s)".formatted(config().label(), result.description(),
				bound(result), state(), (failure != null) ? ": " + PlainWords.describe(failure) : ""), null);
	}

	private String bound(SendResult result) {
		TcpLimits limits = this.context.settings().limits();
		return switch (result) {
			case QUEUE_FULL ->
				": at most %d messages (backend.tcp.limits.queued-messages)".formatted(limits.queuedMessages());
			case FRAME_TOO_LARGE ->
				": at most %d bytes (backend.tcp.limits.frame-bytes)".formatted(limits.frameBytes());
			default -> "";
		};
	}

	/** The present connection, if there is one. */
	@Nullable Link<M> link() {
		return this.connector.link();
	}

	/** The messages that wait for the handler. */
	InboundBacklog backlog() {
		return this.callbacks.backlog();
	}

	TcpCounters counters() {
		return this.counters;
	}

	@Override
	protected void start() {
		this.connector.start();
	}

	@Override
	protected void withdraw() {
		this.connector.withdraw();
	}

	@Override
	protected void restore() {
		this.connector.restore();
	}

	@Override
	protected void drain() {
		this.connector.drain();
	}

	@Override
	protected void suspendedChanged() {
		if (suspended()) {
			this.connector.suspend();
		}
		else {
			this.connector.resume();
		}
	}

	@Override
	protected boolean resting() {
		TcpState state = state();
		return state == TcpState.SUSPENDED || state == TcpState.CLOSED;
	}

	@Override
	protected void close() {
		this.connector.close();
	}

	@Override
	protected void published() {
		this.connector.published();
	}

	@Override
	protected ServiceCallbacks callbacks() {
		return this.callbacks;
	}

	@Override
	protected void tick() {
		this.callbacks.tick();
	}

}
