package dev.backend.fleet;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.backend.Availability;
import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.execution.SerialExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a service that does not depend on its protocol. The fleet drives it by the
 * protected methods; they return at once and may be called by any thread.
 */
public abstract class FleetService implements BackendService {

	private static final Logger logger = LoggerFactory.getLogger(FleetService.class);

	private final @Nullable Object info;

	private volatile ServiceConfig config;

	private final CompletableFuture<Void> removed = new CompletableFuture<>();

	private volatile boolean drained;

	protected FleetService(ServiceConfig config, @Nullable Object info) {
		this.config = config;
		this.info = info;
	}

	@Override
	public final ServiceConfig config() {
		return this.config;
	}

	@Override
	public final <T> T info(Class<T> type) {
		if (!type.isInstance(this.info)) {
			throw new IllegalStateException(
					"info of %s: %s (expected: %s); a ServiceInfoFactory makes it".formatted(this.config.label(),
							(this.info != null) ? this.info.getClass().getName() : "none", type.getName()));
		}
		return type.cast(this.info);
	}

	final @Nullable Object info() {
		return this.info;
	}

	final void config(ServiceConfig config) {
		this.config = config;
	}

	@Override
	public final Availability availability() {
		Availability availability = stateAvailability();
		return (availability == Availability.READY && this.drained) ? Availability.DRAINING : availability;
	}

	/**
	 * Returns whether an operator keeps this service off the rings, although it may be
	 * connected: see {@link ServiceBackend#drain(String, String)}.
	 * @return whether it is drained
	 */
	public final boolean drained() {
		return this.drained;
	}

	final void drained(boolean drained) {
		this.drained = drained;
		drainedChanged();
	}

	/**
	 * Returns whether this service could be chosen as far as its state is concerned.
	 * @return the availability of the state
	 */
	protected abstract Availability stateAvailability();

	/**
	 * Returns where this service is in its life, in the terms of its protocol.
	 * @return the state
	 */
	public abstract Enum<?> state();

	/**
	 * Returns how long this service has been in its state.
	 * @return the duration
	 */
	public abstract Duration timeInState();

	/**
	 * Returns why this service is not usable, or was not when it was last tried.
	 * @return the cause, or {@code null} if it is usable or was not tried yet
	 */
	public abstract @Nullable Throwable lastFailure();

	/**
	 * Starts to connect or probe.
	 */
	protected abstract void start();

	/**
	 * Discovery does not list this service any more: it may stay while it is connected
	 * and closes itself once it is not.
	 */
	protected abstract void withdraw();

	/**
	 * Discovery lists this service again, after {@link #withdraw()} or {@link #drain()}.
	 */
	protected abstract void restore();

	/**
	 * Leaves the rings, lets what is pending finish within a limit, then closes.
	 */
	protected abstract void drain();

	/**
	 * An operator has taken this service off the rings, or put it back there. Does
	 * nothing by default: the fleet sees to the rings.
	 */
	protected void drainedChanged() {
	}

	/**
	 * Closes for good, at once.
	 */
	protected abstract void close();

	/**
	 * The look-up tables that hold this service were published.
	 */
	protected abstract void published();

	/**
	 * Returns the executor that runs the hooks of this service, and its handlers unless
	 * they may run at the same time, one after another.
	 * @return the executor
	 */
	protected abstract SerialExecutor callbacks();

	/**
	 * Queues a call of a listener behind the callbacks that are queued already.
	 * @param listener the listener
	 * @param call the call
	 */
	protected final void notify(BackendListener listener, Consumer<BackendListener> call) {
		callbacks().execute(() -> call(listener, call));
	}

	/**
	 * Queues the last call of a listener, that this service is gone for good.
	 * @param listener the listener
	 */
	protected final void notifyRemoved(BackendListener listener) {
		callbacks().execute(() -> {
			try {
				call(listener, (told) -> told.onRemoved(this));
			}
			finally {
				this.removed.complete(null);
			}
		});
	}

	/** Returns a future that completes when the last callback was made. */
	final CompletableFuture<Void> removed() {
		return this.removed;
	}

	/**
	 * Makes no callback before something has completed: who is called must find this
	 * service, and who follows an id must not hear of its return before its end. Called
	 * before anything is queued.
	 */
	final void holdCallbacks(CompletableFuture<Void> end) {
		callbacks().hold();
		end.thenRun(callbacks()::release);
	}

	/**
	 * Calls a listener, and logs what it throws. Called on a thread of the callbacks.
	 * @param listener the listener
	 * @param call the call
	 */
	protected final void call(BackendListener listener, Consumer<BackendListener> call) {
		try {
			call.accept(listener);
		}
		catch (RuntimeException ex) {
			logger.warn("Listener failed for {}", config().label(), ex);
		}
	}

	/** Usable, but for an operator. */
	final boolean ready() {
		return stateAvailability() == Availability.READY;
	}

	final boolean usable() {
		return availability() == Availability.READY;
	}

	@Override
	public final String toString() {
		return this.config.label();
	}

}
