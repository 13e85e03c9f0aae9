package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.execution.DaemonThreads;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Registers services under one key of the registry in Redis and keeps them alive by
 * heartbeats, on two daemon threads named after the key. Tags, weight and metadata stand
 * in a field of the entry that readers which do not know it ignore.
 *
 * <p>
 * Redis need not be there: nothing but {@link #close()} and {@link Registration#close()}
 * waits for it. A failed heartbeat is retried at once and then soon again; a service
 * whose entry is lost with Redis' data is registered again by the next heartbeat, or at
 * once when a lost connection is back. The connection factory is copied as
 * {@link RedisServiceDiscovery} says.
 */
public final class RedisServiceRegistry implements AutoCloseable {

	private static final int THREADS = 2;

	private final RedisRegistrySettings settings;

	private final RegistryConnection connection;

	private final RegistryScripts scripts;

	private final ScheduledThreadPoolExecutor executor;

	private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	/**
	 * Creates a registry, which makes no connection before the first registration.
	 * @param connectionFactory the way to Redis; started, and closed by its owner
	 * @param settings the key and the intervals
	 */
	public RedisServiceRegistry(RedisConnectionFactory connectionFactory, RedisRegistrySettings settings) {
		this.settings = settings;
		this.connection = RegistryConnection.open(connectionFactory, settings, this::beatNow);
		this.scripts = new RegistryScripts(this.connection.factory(), settings);
		this.executor = new ScheduledThreadPoolExecutor(THREADS,
				new DaemonThreads().numbered("backend-redis-" + settings.key() + "-register"),
				new ThreadPoolExecutor.DiscardPolicy());
		this.executor.setRemoveOnCancelPolicy(true);
	}

	/**
	 * Registers a service in normal form; returns at once and keeps trying while Redis is
	 * away. Name and id are written in lower case: register a {@link DiscoveredInstance}
	 * where a reader's filter has capitals.
	 * @param service the service
	 * @return the registration, which lasts until it is closed
	 * @throws IllegalArgumentException if a part cannot be written; the message names the
	 * service, the part, its value and what was expected
	 * @throws IllegalStateException if this registry is closed
	 */
	public Registration register(ServiceConfig service) {
		return register(RegistryMember.instance(service));
	}

	/**
	 * Registers a service with name and id spelt as given, which is what readers compare
	 * with their filters of names; returns at once and keeps trying while Redis is away.
	 * @param instance the service
	 * @return the registration, which lasts until it is closed
	 * @throws IllegalArgumentException if a part cannot be written; the message names the
	 * service, the part, its value and what was expected
	 * @throws IllegalStateException if this registry is closed
	 */
	public Registration register(DiscoveredInstance instance) {
		if (this.closed) {
			throw new IllegalStateException("registry of " + this.settings.source() + " is closed");
		}
		Registration registration = new Registration(instance, this);
		this.registrations.add(registration);
		registration.beatNow();
		return registration;
	}

	/**
	 * Returns what is registered at present, for health and for people.
	 * @return the registrations that are not closed
	 */
	public List<Registration> registrations() {
		return List.copyOf(this.registrations);
	}

	/**
	 * Deregisters all services, waits for it until the close time-out is over, and closes
	 * the connection. May be called twice.
	 */
	@Override
	public void close() {
		this.closed = true;
		Map<Registration, Future<?>> departures = new LinkedHashMap<>();
		this.registrations.forEach((registration) -> departures.put(registration, registration.depart()));
		long deadline = System.nanoTime() + this.settings.timings().closeTimeout().toNanos();
		departures.forEach((registration, departure) -> registration.awaitEnd(departure,
				Duration.ofNanos(deadline - System.nanoTime())));
		this.executor.shutdownNow();
		this.connection.close();
	}

	RedisRegistrySettings settings() {
		return this.settings;
	}

	RegistryConnection connection() {
		return this.connection;
	}

	RegistryScripts scripts() {
		return this.scripts;
	}

	ScheduledThreadPoolExecutor executor() {
		return this.executor;
	}

	void remove(Registration registration) {
		this.registrations.remove(registration);
	}

	private void beatNow() {
		this.registrations.forEach(Registration::beatNow);
	}

}
