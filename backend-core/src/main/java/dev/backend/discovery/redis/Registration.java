package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.execution.Backoff;
import dev.backend.execution.Backoff.Jitter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service that {@link RedisServiceRegistry} keeps registered until this is closed.
 * Thread-safe.
 *
 * <p>
 * Everything that waits for Redis runs on the registry's threads under {@code working},
 * so that the entry's deregistration comes after a heartbeat under way and none follows
 * it. What callers change or ask is guarded by the object's monitor, which is never held
 * while Redis is asked.
 */
public final class Registration implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Registration.class);

	private final RedisServiceRegistry registry;

	private final ReentrantLock working = new ReentrantLock();

	private final Backoff backoff;

	/** Members to remove as soon as the present one is there. */
	private final Set<String> outdated = new LinkedHashSet<>();

	private ServiceConfig service;

	private String member;

	private @Nullable String registeredMember;

	private long registeredAt;

	private @Nullable String lastError;

	private @Nullable ScheduledFuture<?> nextBeat;

	private @Nullable Future<?> departure;

	Registration(DiscoveredInstance instance, RedisServiceRegistry registry) {
		this.member = RegistryMember.format(instance);
		this.service = RegistryMember.service(instance);
		this.registry = registry;
		this.backoff = new Backoff(Jitter.HALF);
	}

	/**
	 * Returns what is, or is to be, registered.
	 * @return the service
	 */
	public synchronized ServiceConfig service() {
		return this.service;
	}

	/**
	 * Returns whether the service is in the registry as {@link #service()} says: its last
	 * heartbeat succeeded within the expiry.
	 * @return whether readers see it
	 */
	public synchronized boolean registered() {
		return this.departure == null && this.member.equals(this.registeredMember)
				&& System.nanoTime() - this.registeredAt < this.registry.settings().timings().expiry().toNanos();
	}

	/**
	 * Returns why the last heartbeat failed.
	 * @return the reason, without secrets, or {@code null} if it succeeded or none has
	 * ended yet
	 */
	public synchronized @Nullable String lastError() {
		return this.lastError;
	}

	/**
	 * Replaces the service: the new entry is registered first, then the old one is
	 * deregistered. Returns at once.
	 * @param service the new service
	 * @throws IllegalArgumentException if a part cannot be written; the present one stays
	 * @throws IllegalStateException if this registration is closed
	 */
	public void update(ServiceConfig service) {
		update(RegistryMember.instance(service));
	}

	/**
	 * Replaces the service as {@link #update(ServiceConfig)} does, with name and id spelt
	 * as given.
	 * @param instance the new service
	 * @throws IllegalArgumentException if a part cannot be written; the present one stays
	 * @throws IllegalStateException if this registration is closed
	 */
	public void update(DiscoveredInstance instance) {
		String updated = RegistryMember.format(instance);
		ServiceConfig service = RegistryMember.service(instance);
		synchronized (this) {
			if (this.departure != null) {
				throw new IllegalStateException("registration of " + this.service.label() + " is closed");
			}
			this.service = service;
			this.outdated.add(this.member);
			this.outdated.remove(updated);
			this.member = updated;
		}
		beatNow();
	}

	/**
	 * Deregisters the service and waits for it until the close time-out is over; what
	 * then is not done, the expiry does. Never throws; may be called twice.
	 */
	@Override
	public void close() {
		awaitEnd(depart(), this.registry.settings().timings().closeTimeout());
	}

	/** Begins the deregistration, once. */
	synchronized Future<?> depart() {
		Future<?> begun = this.departure;
		if (begun == null) {
			cancelNextBeat();
			begun = this.registry.executor().submit(this::deregister);
			this.departure = begun;
			this.registry.remove(this);
		}
		return begun;
	}

	synchronized void beatNow() {
		schedule(Duration.ZERO);
	}

	/** Waits for the end of a deregistration that {@link #depart()} has begun. */
	void awaitEnd(Future<?> task, Duration timeout) {
		try {
			task.get(Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException | CancellationException ex) {
			logger.debug("{}: the deregistration of {} did not end in time", this.registry.settings().source(),
					service().label(), ex);
		}
	}

	private synchronized void schedule(Duration delay) {
		cancelNextBeat();
		if (this.departure == null) {
			this.nextBeat = this.registry.executor().schedule(this::beat, delay.toNanos(), TimeUnit.NANOSECONDS);
		}
	}

	private void cancelNextBeat() {
		if (this.nextBeat != null) {
			this.nextBeat.cancel(false);
		}
	}

	private void beat() {
		this.working.lock();
		try {
			long began = System.nanoTime();
			boolean done = tryBeat() || tryBeat();
			if (done) {
				this.backoff.reset();
				Duration interval = this.registry.settings().timings().heartbeatInterval();
				schedule(upToDate() ? interval.minusNanos(System.nanoTime() - began) : Duration.ZERO);
			}
			else {
				schedule(retryDelay());
			}
		}
		finally {
			this.working.unlock();
		}
	}

	private Duration retryDelay() {
		RedisRegistrySettings settings = this.registry.settings();
		return this.backoff.next(settings.retry().initial(), settings.retry().maximum());
	}

	/** Registers the present member, then removes what it replaces. */
	private boolean tryBeat() {
		int generation = this.registry.connection().generation();
		String beating;
		boolean first;
		synchronized (this) {
			if (this.departure != null) {
				return true;
			}
			beating = this.member;
			first = this.registeredMember == null;
		}
		try {
			register(beating, first);
			succeeded(beating);
			removeOutdated(beating);
			return true;
		}
		catch (Throwable ex) {
			// Whatever it is: the next heartbeat hangs on this one.
			failed(ex, generation);
			return false;
		}
	}

	/** Another layout's fleet keeps us from joining, but does not drive us out. */
	private void register(String beating, boolean first) {
		boolean refused = first && this.registry.scripts().foreignCheckerAtWork();
		if (refused || !this.registry.scripts().register(beating, first)) {
			RedisRegistrySettings settings = this.registry.settings();
			throw RedisFailure.refused(settings.layout().refusal());
		}
	}

	/** An update that came while the beat was under way waits for the next one. */
	private synchronized boolean upToDate() {
		return this.member.equals(this.registeredMember) && this.outdated.isEmpty();
	}

	/** Removes what a member replaces, unless another is to replace that one already. */
	private void removeOutdated(String present) {
		Set<String> removing;
		synchronized (this) {
			removing = this.member.equals(present) ? Set.copyOf(this.outdated) : Set.of();
		}
		for (String old : removing) {
			if (isOutdated(old)) {
				this.registry.scripts().deregister(old);
				synchronized (this) {
					this.outdated.remove(old);
				}
			}
		}
	}

	private synchronized boolean isOutdated(String old) {
		return this.outdated.contains(old);
	}

	private void deregister() {
		this.working.lock();
		try {
			synchronized (this) {
				this.outdated.add(this.member);
			}
			int generation = this.registry.connection().generation();
			try {
				removeOutdated(this.member);
			}
			catch (Throwable ex) {
				failed(ex, generation);
				removeOutdated(this.member);
			}
		}
		finally {
			this.working.unlock();
		}
	}

	private synchronized void succeeded(String beaten) {
		if (this.lastError != null || !beaten.equals(this.registeredMember)) {
			logger.info("{}: {} is registered", this.registry.settings().source(), this.service.label());
		}
		this.registeredMember = beaten;
		this.registeredAt = System.nanoTime();
		this.lastError = null;
	}

	private void failed(Throwable failure, int generation) {
		RedisFailure reason = RedisFailure.of(failure);
		String message = this.registry.settings().source() + ": " + reason.message();
		synchronized (this) {
			if (this.lastError == null && this.departure == null) {
				logger.warn("Cannot register {}, keeps trying: {}", this.service.label(), message);
			}
			this.lastError = message;
		}
		logger.debug("{}", message, failure);
		if (reason.mayBeTheConnection()) {
			this.registry.connection().reset(generation);
		}
	}

}
