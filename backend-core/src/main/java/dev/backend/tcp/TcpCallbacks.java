package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.execution.Dispatcher;
import dev.backend.execution.SerialExecutor;
import dev.backend.execution.SharedTask;
import dev.backend.fleet.ServiceCallbacks;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callbacks of one service: those of listeners, and those of the application's
 * handler. They are queued on the event loop and run by the {@link Dispatcher}, in the
 * order of their arrival as far as the dispatch mode asks for that.
 *
 * @param <M> the type of the messages
 */
final class TcpCallbacks<M> extends ServiceCallbacks {

	private static final Logger logger = LoggerFactory.getLogger(TcpCallbacks.class);

	private final BackendService service;

	private final TcpContext<M> context;

	private final TcpCounters counters;

	private final ServiceHandler<M> handler;

	private final Dispatcher dispatcher;

	private final InboundBacklog backlog = new InboundBacklog();

	private final AtomicBoolean tickQueued = new AtomicBoolean();

	/**
	 * What makes the connection ready that the callbacks have got to; the present one may
	 * be younger.
	 */
	private volatile @Nullable Runnable announced;

	TcpCallbacks(BackendService service, BackendListener listener, TcpContext<M> context, TcpCounters counters,
			ServiceHandler<M> handler, Dispatcher dispatcher) {
		super(service, listener, dispatcher);
		this.service = service;
		this.context = context;
		this.counters = counters;
		this.handler = handler;
		this.dispatcher = dispatcher;
	}

	InboundBacklog backlog() {
		return this.backlog;
	}

	/**
	 * Queues the callbacks of a new connection.
	 * @param ready makes that connection ready, and no later one
	 * @param failed ends that connection, and no later one
	 */
	void connected(Runnable ready, Consumer<Throwable> failed) {
		connected();
		this.dispatcher.execute(() -> {
			this.announced = ready;
			try {
				if (this.handler.onConnected()) {
					ready.run();
				}
			}
			catch (Throwable ex) {
				failed.accept(ex);
			}
		});
	}

	/** Makes the connection ready that the handler was told of last, if it is there. */
	void markReady() {
		Runnable ready = this.announced;
		if (ready != null) {
			ready.run();
		}
	}

	/** Queues the callbacks of a lost connection. */
	void connectionLost(@Nullable Throwable cause) {
		this.dispatcher.execute(() -> {
			this.announced = null;
			this.handler.onDisconnected(cause);
		});
		disconnected(cause);
	}

	@Override
	public void ready() {
		executeUnordered(this::tellReady);
	}

	/** Queues a message for the handler. */
	void handle(M message) {
		Runnable task = switch (this.context.settings().dispatch()) {
			case ORDERED -> new OrderedMessage(message);
			case ORDERED_BY_KEY -> keyedMessage(message);
			case CONCURRENT -> new SharedMessage(message, null);
		};
		this.dispatcher.execute(task);
	}

	private Runnable keyedMessage(M message) {
		try {
			return new SharedMessage(message, this.context.codec().orderKey(message));
		}
		catch (Throwable ex) {
			// Alone, it is in order with every other one.
			keyFailed(ex);
			return new OrderedMessage(message);
		}
	}

	/** Queues a tick, unless the last one is not done. */
	void tick() {
		if (!this.tickQueued.compareAndSet(false, true)) {
			// It may wait because the executor was full.
			this.dispatcher.retry();
		}
		else {
			executeUnordered(this::handleTick);
		}
	}

	/** Queues a callback that needs no order with messages where these need none. */
	private void executeUnordered(Runnable callback) {
		if (this.context.settings().dispatch() == DispatchMode.ORDERED) {
			this.dispatcher.execute(callback);
		}
		else {
			this.dispatcher.executeShared(callback);
		}
	}

	private void handleTick() {
		try {
			this.handler.onTick();
		}
		finally {
			this.tickQueued.set(false);
		}
	}

	private void handleMessage(M message) {
		try {
			this.handler.onMessage(message);
		}
		finally {
			this.backlog.handled();
		}
	}

	private void keyFailed(Throwable ex) {
		this.counters.handlerErrors.increment();
		logger.error("{}.orderKey failed for {}; the message is handled alone",
				this.context.codec().getClass().getName(), this.service, ex);
	}

	void sent(int bytes) {
		try {
			listener().onSent(this.service, bytes);
		}
		catch (RuntimeException ex) {
			listenerFailed(ex);
		}
	}

	void received(int bytes) {
		try {
			listener().onReceived(this.service, bytes);
		}
		catch (RuntimeException ex) {
			listenerFailed(ex);
		}
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
			super(TcpCallbacks.this.dispatcher, key);
			this.message = message;
		}

		@Override
		protected void call() {
			handleMessage(this.message);
		}

		@Override
		protected void keyFailed(Throwable ex) {
			TcpCallbacks.this.keyFailed(ex);
		}

	}

}
