package dev.backend.fleet;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import dev.backend.Availability;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * The part of a service that does not depend on its protocol. The fleet drives it by the
 * protected methods; they return at once and may be called by any thread.
 */
public abstract class FleetService implements BackendService {

	private final @Nullable Object info;

	private volatile ServiceConfig config;

	private volatile boolean drained;

	private volatile boolean suspended;

	private volatile @Nullable Suspender suspender;

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
		return (availability == Availability.READY && !expected()) ? Availability.DRAINING : availability;
	}

	/**
	 * Returns whether an operator keeps this service off the rings, although it may be
	 * connected: see {@link FleetBackend#drain(String, String)}.
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
	 * Returns whether an operator wants this service to be without a connection. Until
	 * its state says that there is none, what is pending may still finish. Never over
	 * HTTP, where none is kept.
	 * @return whether it is suspended
	 */
	public final boolean suspended() {
		return this.suspended;
	}

	final void suspended(boolean suspended) {
		this.suspended = suspended;
	}

	/**
	 * Returns whether this service is expected to be usable, because no operator has
	 * drained or suspended it.
	 * @return whether it is neither
	 */
	public final boolean expected() {
		return !this.drained && !this.suspended;
	}

	final void suspender(Suspender suspender) {
		this.suspender = suspender;
	}

	/**
	 * Suspends the instance of this id, or resumes it.
	 * @param suspended whether it is to be without a connection
	 * @return a future that completes when that is done
	 */
	protected final CompletableFuture<Void> requestSuspended(boolean suspended) {
		return Objects.requireNonNull(this.suspender, "suspender").suspended(name(), id(), suspended);
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
	 * Closes the connection once what is pending has finished, and makes none, while this
	 * service is {@link #suspended()}; otherwise connects. Called again without a change.
	 * Does nothing by default: there may be no connections.
	 */
	protected void suspendedChanged() {
	}

	/**
	 * Returns whether there is no connection, and none is made. It is by default.
	 * @return whether this service is suspended and closed, or gone
	 */
	protected boolean resting() {
		return true;
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
	 * Returns what listeners are told of this service.
	 * @return the callbacks
	 */
	protected abstract ServiceCallbacks callbacks();

	/**
	 * The tick interval is over. Called on the control thread; does nothing by default.
	 */
	protected void tick() {
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
