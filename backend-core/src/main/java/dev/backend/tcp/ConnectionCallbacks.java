package dev.backend.tcp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import dev.backend.ConnectionLostException;
import dev.backend.execution.Dispatcher;
import dev.backend.execution.SerialExecutor;
import dev.backend.execution.SharedTask;
import dev.backend.logging.StandIn;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The handler's callbacks of one connection. They are queued on the event loop, where
 * this is {@linkplain #open() opened}, handed messages and {@linkplain #closed closed},
 * and run by the service's {@link Dispatcher}.
 *
 * <p>
 * <b>Begin or skip.</b> Whoever comes first decides, by moving {@link Phase} from QUEUED:
 * the thread that is about to call {@code onConnected}, or the event loop when the
 * connection has ended. In the second case no callback of this connection is made; its
 * messages are counted as unhandled. What listeners are told is a fact, and told in any
 * case.
 *
 * <p>
 * <b>Control.</b> {@link #control} is the exception: it calls the handler on the event
 * loop, whatever waits or runs meanwhile.
 *
 * <p>
 * <b>End.</b> Behind all of them a last task tells the {@link Owner} that they have
 * returned. The next connection is made after that, so that its callbacks, which are
 * queued later still, find nothing of this one at work.
 *
 * @param <M> the type of the messages
 */
final class ConnectionCallbacks<M> {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionCallbacks.class);

	private static final VarHandle PHASE;

	static {
		try {
			PHASE = MethodHandles.lookup().findVarHandle(ConnectionCallbacks.class, "phase", Phase.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final TcpCallbacks<M> service;

	private final ServiceHandler.Connection<M> handler;

	private final Owner<M> owner;

	private volatile Phase phase = Phase.QUEUED;

	/** What {@code onConnected} has thrown. */
	private volatile @Nullable Throwable failure;

	ConnectionCallbacks(TcpCallbacks<M> service, ServiceHandler.Connection<M> handler, Owner<M> owner) {
		this.service = service;
		this.handler = handler;
		this.owner = owner;
	}

	Link<M> link() {
		return this.handler.link();
	}

	/** Queues the first callbacks. */
	void open() {
		this.service.connected();
		dispatcher().execute(this::connected);
	}

	private void connected() {
		if (!PHASE.compareAndSet(this, Phase.QUEUED, Phase.BEGUN)) {
			return;
		}
		this.owner.begun(link());
		try {
			if (this.handler.onConnected()) {
				this.owner.ready(link());
			}
		}
		catch (Throwable ex) {
			if (!isLoss(ex)) {
				this.failure = ex;
			}
			this.owner.failed(link(), ex);
		}
	}

	/** Whether it says no more than that the connection went away meanwhile. */
	static boolean isLoss(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof ConnectionLostException) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns why the connection has ended: a peer that refuses a login often closes,
	 * too, and may be first.
	 * @param cause how it ended; {@code null} if on purpose
	 * @return the failure of {@code onConnected}, if that is what led to it
	 */
	@Nullable Throwable reason(@Nullable Throwable cause) {
		Throwable failure = this.failure;
		return (cause != null && failure != null) ? failure : cause;
	}

	/**
	 * Whether {@code onConnected} has failed, and not because the connection went away.
	 */
	boolean loginFailed() {
		return this.failure != null;
	}

	/**
	 * Gives a message to the handler at once; returns whether it was a control message.
	 */
	boolean control(M message) {
		return this.handler.onControl(message);
	}

	/** Queues a message. */
	void handle(M message) {
		Runnable task = switch (this.service.context().settings().dispatch()) {
			case ORDERED -> new OrderedMessage(message);
			case ORDERED_BY_KEY -> keyedMessage(message);
			case CONCURRENT -> new SharedMessage(message, null);
		};
		dispatcher().execute(task);
	}

	private Runnable keyedMessage(M message) {
		try {
			return new SharedMessage(message, this.service.context().codec().orderKey(message));
		}
		catch (Throwable ex) {
			// Alone, it is in order with every other one.
			keyFailed(ex);
			return new OrderedMessage(message);
		}
	}

	/**
	 * The connection takes nothing more that is sent.
	 * @return whether its messages are still of use: no, if its callbacks had not begun,
	 * and are skipped
	 */
	boolean ending() {
		if (PHASE.compareAndSet(this, Phase.QUEUED, Phase.SKIPPED)) {
			this.service.counters().skippedConnections.increment();
			this.service.log()
				.failed(logger, Level.INFO, "The connection to {} ended before its onConnected began, which is skipped",
						link().label());
		}
		return this.phase == Phase.BEGUN;
	}

	/** Queues the last callbacks, after {@link #ending()}. */
	void closed(@Nullable Throwable cause) {
		if (this.phase == Phase.BEGUN) {
			dispatcher().execute(() -> this.handler.onDisconnected(reason(cause)));
		}
		this.service.disconnectedBecause(() -> reason(cause));
		dispatcher().execute(() -> {
			this.handler.released();
			this.owner.returned(this);
		});
	}

	private void handleMessage(M message) {
		try {
			if (this.phase == Phase.BEGUN) {
				this.handler.onMessage(message);
			}
			else {
				this.service.counters().unhandledMessages.increment();
			}
		}
		finally {
			this.service.backlog().handled();
		}
	}

	private void keyFailed(Throwable ex) {
		this.service.counters().handlerErrors.increment();
		this.service.log()
			.threw(logger, Level.ERROR, ex, "{}.orderKey failed for {}; the message is handled alone",
					StandIn.nameOf(this.service.context().codec(), ex), link().label());
	}

	private Dispatcher dispatcher() {
		return this.service.dispatcher();
	}

	private enum Phase {

		/** The thread that calls {@code onConnected} has yet to come. */
		QUEUED,

		/** It has come first. */
		BEGUN,

		/** The end of the connection has come first. */
		SKIPPED

	}

	/**
	 * Told of what becomes of a connection's callbacks, by the threads that run them.
	 *
	 * @param <M> the type of the messages
	 */
	interface Owner<M> {

		/** {@code onConnected} is about to be called. */
		void begun(Link<M> link);

		/** The handshake or login has succeeded. */
		void ready(Link<M> link);

		/** It has failed. */
		void failed(Link<M> link, Throwable cause);

		/** All callbacks have returned. */
		void returned(ConnectionCallbacks<M> callbacks);

	}

	/**
	 * A message that is handled after all callbacks before it, and before all after it.
	 */
	private final class OrderedMessage extends SerialExecutor.Task {

		private final M message;

		OrderedMessage(M message) {
			this.message = message;
		}

		@Override
		public void run() {
			handleMessage(this.message);
		}

	}

	/** A message that is handled beside others, after those with an equal key. */
	private final class SharedMessage extends SharedTask {

		private final M message;

		SharedMessage(M message, @Nullable Object key) {
			super(ConnectionCallbacks.this.dispatcher(), key);
			this.message = message;
		}

		@Override
		protected void call() {
			handleMessage(this.message);
		}

		@Override
		protected void keyFailed(Throwable ex) {
			ConnectionCallbacks.this.keyFailed(ex);
		}

	}

}
