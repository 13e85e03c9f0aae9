package dev.backend.tcp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.execution.Dispatcher;
import dev.backend.fleet.ServiceCallbacks;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callbacks of one service: those of listeners, ticks, and those of its connections,
 * one {@link ConnectionCallbacks} after another. All are run by one {@link Dispatcher},
 * in the order of their arrival as far as the dispatch mode asks for that.
 *
 * @param <M> the type of the messages
 */
final class TcpCallbacks<M> extends ServiceCallbacks {

	private static final Logger logger = LoggerFactory.getLogger(TcpCallbacks.class);

	private static final VarHandle TICK_QUEUED;

	static {
		try {
			TICK_QUEUED = MethodHandles.lookup().findVarHandle(TcpCallbacks.class, "tickQueued", boolean.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final TcpContext<M> context;

	private final TcpCounters counters;

	private final ServiceHandler<M> handler;

	private final Dispatcher dispatcher;

	private final InboundBacklog backlog = new InboundBacklog();

	private volatile boolean tickQueued;

	TcpCallbacks(BackendService service, BackendListener listener, TcpContext<M> context, TcpCounters counters,
			ServiceHandler<M> handler, Dispatcher dispatcher) {
		super(service, listener, dispatcher);
		this.context = context;
		this.counters = counters;
		this.handler = handler;
		this.dispatcher = dispatcher;
	}

	InboundBacklog backlog() {
		return this.backlog;
	}

	Dispatcher dispatcher() {
		return this.dispatcher;
	}

	TcpContext<M> context() {
		return this.context;
	}

	TcpCounters counters() {
		return this.counters;
	}

	/** Whether the handler takes control messages. */
	boolean handlesControl() {
		return this.handler.handlesControl();
	}

	/** The service can be chosen, or not any more. */
	void availabilityChanged() {
		this.handler.availabilityChanged();
	}

	/** Where discovery says that the instance is, if that is elsewhere. */
	@Nullable ServiceConfig destination() {
		return this.handler.destination();
	}

	/**
	 * From now on the instance is reached at its destination: listeners are told.
	 * @return whether there was one
	 */
	boolean arrive() {
		ServiceConfig from = this.handler.arrive();
		if (from == null) {
			return false;
		}
		log().news(logger, "{} was at {} before", service().config().label(), from.endpoint());
		moved(from);
		return true;
	}

	/** Makes the callbacks of a connection that has come up. */
	ConnectionCallbacks<M> newConnection(Link<M> link, ConnectionCallbacks.Owner<M> owner) {
		return new ConnectionCallbacks<>(this, this.handler.connected(link), owner);
	}

	@Override
	public void ready() {
		executeUnordered(this::tellReady);
	}

	/** Queues a tick, unless the last one is not done. */
	void tick() {
		if (TICK_QUEUED.compareAndSet(this, false, true)) {
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
			this.tickQueued = false;
		}
	}

	void sent(int bytes) {
		try {
			listener().onSent(service(), bytes);
		}
		catch (Throwable ex) {
			listenerFailed(ex);
		}
	}

	void received(int bytes) {
		try {
			listener().onReceived(service(), bytes);
		}
		catch (Throwable ex) {
			listenerFailed(ex);
		}
	}

}
