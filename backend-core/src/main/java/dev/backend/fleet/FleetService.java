package dev.backend.fleet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import dev.backend.Availability;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.logging.StandIn;
import org.jspecify.annotations.Nullable;

/**
 * The part of a service that does not depend on its protocol. The fleet drives it by the
 * protected methods; they return at once and may be called by any thread.
 */
public abstract class FleetService implements BackendService {

	private static final VarHandle PLACE;

	static {
		try {
			PLACE = MethodHandles.lookup().findVarHandle(FleetService.class, "place", Place.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final @Nullable Object info;

	/** Changed by the control thread, and by the one on which the service moves. */
	private volatile Place place;

	private volatile boolean drained;

	private volatile boolean retired;

	private volatile boolean suspended;

	private volatile @Nullable FleetOwner owner;

	protected FleetService(ServiceConfig config, @Nullable Object info) {
		this.place = new Place(config, null);
		this.info = info;
	}

	@Override
	public final ServiceConfig config() {
		return this.place.config();
	}

	@Override
	public final String backend() {
		return owner().backend();
	}

	@Override
	public final <T> T info(Class<T> type) {
		if (!type.isInstance(this.info)) {
			throw new IllegalStateException("info of %s: %s (expected: %s); a ServiceInfoFactory makes it"
				.formatted(config().label(), (this.info != null) ? StandIn.nameOf(this.info) : "none", type.getName()));
		}
		return type.cast(this.info);
	}

	final @Nullable Object info() {
		return this.info;
	}

	/**
	 * Takes note of what discovery says. Control thread only.
	 * @param latest the instance, perhaps elsewhere; {@code null} if it is not listed
	 * @return whether that is anything new
	 */
	final boolean listed(@Nullable ServiceConfig latest) {
		while (true) {
			Place before = this.place;
			Place after = before.listed(latest);
			if (after.equals(before)) {
				return false;
			}
			if (PLACE.compareAndSet(this, before, after)) {
				return true;
			}
		}
	}

	/**
	 * Returns where discovery says that the instance is, if that is not where it is
	 * reached at present.
	 * @return the destination, or {@code null} if there is none
	 */
	protected final @Nullable ServiceConfig destination() {
		return this.place.destination();
	}

	/**
	 * Makes the destination the present configuration, since from now on the instance is
	 * reached there and no more where it was.
	 * @return where it was, or {@code null} if there is no destination any more
	 */
	protected final @Nullable ServiceConfig arrive() {
		return arrive(null);
	}

	/**
	 * Makes the destination the present configuration, as {@link #arrive()} does, unless
	 * it is another one by now than that which was found to answer.
	 * @param answered where the instance answers; {@code null} for wherever it is
	 * @return where it was, or {@code null} if it stays there for now
	 */
	protected final @Nullable ServiceConfig arrive(@Nullable ServiceConfig answered) {
		while (true) {
			Place before = this.place;
			ServiceConfig destination = before.destination();
			if (destination == null || (answered != null && !destination.sameEndpoint(answered))) {
				return null;
			}
			if (PLACE.compareAndSet(this, before, new Place(destination, null))) {
				return before.config();
			}
		}
	}

	@Override
	public final Availability availability() {
		Availability availability = stateAvailability();
		boolean chosen = expected() && !this.retired;
		return (availability == Availability.READY && !chosen) ? Availability.DRAINING : availability;
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

	/** Whether the fleet keeps it off the rings, because its connection is to end. */
	final boolean retired() {
		return this.retired;
	}

	final void retired(boolean retired) {
		this.retired = retired;
	}

	final void owner(FleetOwner owner) {
		this.owner = owner;
	}

	/**
	 * Returns whether the backend of this service is being stopped, or is.
	 * @return that it is, for messages; {@code null} while it runs
	 */
	protected final @Nullable String backendEnded() {
		FleetOwner owner = this.owner;
		return (owner != null) ? owner.ended() : null;
	}

	private FleetOwner owner() {
		return Objects.requireNonNull(this.owner, "owner");
	}

	/**
	 * Suspends the instance of this id, or resumes it.
	 * @param suspended whether it is to be without a connection
	 * @return a future that completes when that is done
	 */
	protected final CompletableFuture<Void> requestSuspended(boolean suspended) {
		return owner().suspended(name(), id(), suspended);
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
	 * Returns whether the last attempt to connect and log in, or to probe, has ended, and
	 * this service is not usable all the same. Whoever tells the fleet of a change of the
	 * availability has set this before.
	 * @return whether whoever waits for the end of an attempt need not wait any more
	 */
	protected abstract boolean attemptFailed();

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
	 * Discovery says that the instance is elsewhere, or here again: see
	 * {@link #destination()}. Whoever is not reached where it is goes there at once;
	 * otherwise it first sees whether it can be reached there.
	 */
	protected abstract void destinationChanged();

	/**
	 * Returns whether this service can be reached at its {@link #destination()}, and
	 * waits to be taken off the rings before it goes there. It never does by default.
	 * @return whether {@link #move()} is to be called
	 */
	protected boolean readyToMove() {
		return false;
	}

	/**
	 * This service is off the rings: it lets what is pending finish within a limit, and
	 * goes where it is {@linkplain #readyToMove() ready to move}. Without effect if it is
	 * not any more.
	 */
	protected void move() {
	}

	/**
	 * This service is off the rings, and others are there: it lets what is pending finish
	 * within a limit, also what a look-up of a moment ago leads to it, then closes.
	 */
	protected abstract void drain();

	/**
	 * The rings are empty, because the backend is being stopped: lets what is pending
	 * finish within a limit, then closes.
	 */
	protected abstract void stop();

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
		return config().label();
	}

	/**
	 * Where an instance is reached, and where it is to be reached.
	 *
	 * @param config the present configuration
	 * @param destination the next one, if that is elsewhere
	 */
	private record Place(ServiceConfig config, @Nullable ServiceConfig destination) {

		Place listed(@Nullable ServiceConfig latest) {
			if (latest == null) {
				return new Place(this.config, null);
			}
			return latest.sameEndpoint(this.config) ? new Place(latest, null) : new Place(this.config, latest);
		}

	}

}
