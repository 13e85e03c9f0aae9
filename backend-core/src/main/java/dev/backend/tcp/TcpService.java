package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.backend.Availability;
import dev.backend.ConnectionLostException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceConfig;
import dev.backend.execution.Dispatcher;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceCallbacks;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a service, whatever becomes of its connections. It is reached while it
 * is ready or draining, by the connection of that moment; a handler's callbacks are given
 * their {@link TcpConnection}, which is reached from the start. Safe for use by any
 * thread. No method blocks.
 *
 * <p>
 * <b>Moves.</b> An instance that changes its address or port under its id stays this very
 * object, with its info object, its callbacks and the id of which it is the only one; so
 * whoever holds it, also in a map by id, holds what is alive. A new object for the new
 * address would have callbacks of its own beside those of the old one, on one info object
 * of the user's. The way of a move: the new address is dialled while the present
 * connection serves on. When that has come up, this service leaves the rings, lets what
 * is pending finish within the drain time-out, and is disconnected. Only then
 * {@link #config()} changes, {@link dev.backend.BackendListener#onMoved onMoved} is
 * called, and the new connection is handed to {@code onConnected}. One that is not
 * connected goes at once.
 *
 * @param <M> the type of the messages
 */
public final class TcpService<M> extends FleetService implements TcpSender<M> {

	private final TcpCounters counters;

	private final LinkSender<M> sender;

	private final TcpCallbacks<M> callbacks;

	private final Connector<M> connector;

	/** The last one that came up; {@link #connection()} tells whether it is ready. */
	private volatile @Nullable TcpConnection<M> connection;

	TcpService(ServiceConfig config, @Nullable Object info, TcpRuntime<M> runtime, LinkSender<M> sender,
			Consumer<TcpService<M>> availabilityChanged) {
		super(config, info);
		TcpContext<M> context = runtime.context();
		this.counters = context.counters(config.name());
		this.sender = sender;
		this.callbacks = new TcpCallbacks<>(this, sender.hooks().listener(), context, this.counters,
				new ScopedHandler<>(sender.hooks().handler(), this, availabilityChanged),
				new Dispatcher(this, context.failureLog().of(config.name()), runtime.handlerExecutor()));
		this.connector = new Connector<>(runtime, this.callbacks);
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

	/** That the backend is stopped, or {@code null} while it runs. */
	@Nullable String ended() {
		return backendEnded();
	}

	@Override
	protected boolean attemptFailed() {
		return this.connector.attemptFailed();
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
	 * Returns the present connection, such as for its addresses.
	 * @return the connection, or {@code null} if none is ready
	 */
	public @Nullable TcpConnection<M> connection() {
		TcpConnection<M> connection = this.connection;
		return (connection != null && connection.link() == this.connector.reachable()) ? connection : null;
	}

	@Override
	public void send(M message) {
		requireAccepted(trySend(message));
	}

	/**
	 * Queues a message, or says why not. Accepted while this service is
	 * {@link TcpState#READY ready} or draining: before, only its handler sends, by the
	 * {@link TcpConnection}.
	 */
	@Override
	public SendResult trySend(M message) {
		return trySendContent(Objects.requireNonNull(message, "message"));
	}

	@Override
	public void sendBytes(byte[] bytes) {
		requireAccepted(trySendBytes(bytes));
	}

	@Override
	public SendResult trySendBytes(byte[] bytes) {
		return trySendContent(new OutboundMessage.Encoded(bytes));
	}

	/** Queues an {@code M}, or bytes that are encoded already. */
	SendResult trySendContent(Object content) {
		return this.sender.trySend(this, this.connector.reachable(), content);
	}

	@Override
	public CompletableFuture<M> request(M message, Duration timeout) {
		return this.sender.request(this, this.connector.reachable(), message, timeout);
	}

	@Override
	public CompletableFuture<M> request(Object requestId, M message, Duration timeout) {
		return this.sender.request(this, this.connector.reachable(), requestId, message, timeout);
	}

	@Override
	public boolean endWithoutReply(CompletableFuture<M> request) {
		return this.sender.endWithoutReply(this, request);
	}

	@Override
	public List<CompletableFuture<M>> submit(TcpBatch<M> batch) {
		return this.sender.submit(this, this.connector.reachable(), batch);
	}

	/**
	 * Closes the present connection, if there is one, and makes a new one after a
	 * back-off. What was accepted by then is written.
	 * @param reason why, for logs and events
	 */
	public void reconnect(String reason) {
		Link<M> link = link();
		if (link != null) {
			close(link, Objects.requireNonNull(reason, "reason"));
		}
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

	private void requireAccepted(SendResult result) {
		if (!result.accepted()) {
			throw rejection(result);
		}
	}

	SendRejectedException rejection(SendResult result) {
		return new SendRejectedException(result, this.sender.refusal(this, null, result), null);
	}

	LinkSender<M> sender() {
		return this.sender;
	}

	/** Whether there is a connection, and the codec of the backend is also its own. */
	boolean sharesCodec() {
		Link<M> link = this.connector.reachable();
		return link != null && !link.ownsCodec();
	}

	/** The login by this link, and by no later one, has succeeded. */
	void ready(Link<M> link) {
		this.connector.ready(link);
	}

	/** Closes this link, and no later one. */
	void close(Link<M> link, String reason) {
		this.connector.reconnect(link, new ConnectionLostException(config().label() + ": " + reason, true, null));
	}

	/** Where discovery says that the instance is, if that is elsewhere. */
	@Nullable ServiceConfig movesTo() {
		return destination();
	}

	/** It is reached there; returns where it was, or {@code null} if there is none. */
	@Nullable ServiceConfig moved() {
		return arrive();
	}

	/** A connection is up. */
	TcpConnection<M> connected(Link<M> link) {
		TcpConnection<M> connection = new TcpConnection<>(this, link);
		this.connection = connection;
		return connection;
	}

	/** The callbacks of a connection have returned, and none is up. */
	void disconnected(TcpConnection<M> connection) {
		if (this.connection == connection) {
			this.connection = null;
		}
	}

	/** The present connection, if there is one. */
	@Nullable Link<M> link() {
		return this.connector.link();
	}

	/** A connection that is not read may be read on by new bounds. */
	void settingsChanged() {
		Link<M> link = link();
		if (link != null) {
			link.settingsChanged();
		}
	}

	/** The messages that wait for the handler. */
	InboundBacklog backlog() {
		return this.callbacks.backlog();
	}

	TcpCounters counters() {
		return this.counters;
	}

	/** Bounds what is logged of this service. */
	ServiceLog log() {
		return this.callbacks.log();
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
	protected void stop() {
		this.connector.stop();
	}

	@Override
	protected void destinationChanged() {
		this.connector.destinationChanged();
	}

	@Override
	protected boolean readyToMove() {
		return this.connector.readyToMove();
	}

	@Override
	protected void move() {
		this.connector.move();
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
