package dev.backend.autoconfigure.registration;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.cloud.client.serviceregistry.ServiceRegistry;

/**
 * The fleet's registry as Spring Cloud's {@link ServiceRegistry}. What is registered is
 * kept alive by heartbeats, also while the registry is away, and registered again when it
 * has lost its data. Each instance, by its name and id, is registered once, however often
 * it is asked for. Thread-safe: whoever waits for a deregistration holds up nobody else.
 */
public final class BackendServiceRegistry implements ServiceRegistry<BackendRegistration> {

	/** The status of an instance that others see. */
	public static final String UP = "UP";

	/** The status of an instance that is to be registered while the registry is away. */
	public static final String DOWN = "DOWN";

	/** The status of an instance that is about to be registered. */
	public static final String STARTING = "STARTING";

	/** The status of an instance that is not registered. */
	public static final String OUT_OF_SERVICE = "OUT_OF_SERVICE";

	private static final Logger logger = LoggerFactory.getLogger(BackendServiceRegistry.class);

	private final ServiceRegistrar registrar;

	/** By name and id in normal form. Guarded by this. */
	private final Map<String, Entry> entries = new LinkedHashMap<>();

	BackendServiceRegistry(ServiceRegistrar registrar) {
		this.registrar = registrar;
	}

	/**
	 * Registers an instance; returns at once. One that is registered at another address
	 * is moved: the new entry is asked for first.
	 * @param registration the instance
	 * @throws IllegalArgumentException if it is malformed
	 */
	@Override
	public void register(@Nullable BackendRegistration registration) {
		DiscoveredInstance instance = required(registration).instance();
		Entry entry = new Entry(instance, new CompletableFuture<>());
		Entry present;
		synchronized (this) {
			present = this.entries.get(key(instance));
			if (present != null && present.instance().equals(instance)) {
				return;
			}
			this.entries.put(key(instance), entry);
		}
		try {
			entry.handle().complete(this.registrar.register(instance));
		}
		catch (Throwable ex) {
			entry.handle().completeExceptionally(ex);
			undo(entry, present);
			throw ex;
		}
		close(present);
	}

	private synchronized void undo(Entry entry, @Nullable Entry present) {
		if (this.entries.remove(key(entry.instance()), entry) && present != null) {
			this.entries.put(key(entry.instance()), present);
		}
	}

	/**
	 * Deregisters an instance, and waits for that for a bounded time. Nothing happens if
	 * it is not registered.
	 * @param registration the instance
	 */
	@Override
	public void deregister(@Nullable BackendRegistration registration) {
		Entry ending;
		synchronized (this) {
			ending = this.entries.remove(key(required(registration).instance()));
		}
		close(ending);
	}

	/**
	 * Deregisters everything. May be called twice; what is registered later is registered
	 * again.
	 */
	@Override
	public void close() {
		List<Entry> ending;
		synchronized (this) {
			ending = List.copyOf(this.entries.values());
			this.entries.clear();
		}
		ending.forEach(BackendServiceRegistry::close);
	}

	/**
	 * Registers an instance, or takes it out without stopping it.
	 * @param registration the instance
	 * @param status {@value #UP}, or {@value #OUT_OF_SERVICE} or {@value #DOWN}
	 * @throws IllegalArgumentException if the status is another
	 */
	@Override
	public void setStatus(BackendRegistration registration, String status) {
		switch (status.strip().toUpperCase(Locale.ROOT)) {
			case UP -> register(registration);
			case OUT_OF_SERVICE, DOWN -> deregister(registration);
			default -> throw new IllegalArgumentException(
					"status: '%s' (expected: %s, %s or %s)".formatted(status, UP, OUT_OF_SERVICE, DOWN));
		}
	}

	/**
	 * Returns whether others see an instance.
	 * @param registration the instance
	 * @return {@value #UP}, {@value #STARTING}, {@value #DOWN} or
	 * {@value #OUT_OF_SERVICE}
	 */
	@Override
	@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
	public <T> T getStatus(BackendRegistration registration) {
		return (T) status(registration.instance());
	}

	private String status(DiscoveredInstance instance) {
		synchronized (this) {
			if (!this.entries.containsKey(key(instance))) {
				return OUT_OF_SERVICE;
			}
		}
		return this.registrar.registrations()
			.stream()
			.filter((status) -> key(status.service()).equals(key(instance)))
			.findFirst()
			.map((status) -> status.registered() ? UP : (status.lastError() != null) ? DOWN : STARTING)
			.orElse(STARTING);
	}

	private static BackendRegistration required(@Nullable BackendRegistration registration) {
		if (registration == null) {
			throw new IllegalArgumentException("registration: null (expected: one)");
		}
		return registration;
	}

	private static String key(DiscoveredInstance instance) {
		return ServiceConfig.normalize(instance.name()) + "&" + ServiceConfig.normalize(instance.id());
	}

	private static String key(ServiceConfig service) {
		return service.name() + "&" + service.id();
	}

	private static void close(@Nullable Entry entry) {
		if (entry != null) {
			try {
				entry.handle().join().close();
			}
			catch (CompletionException ex) {
				logger.debug("{}/{} could not be registered", entry.instance().name(), entry.instance().id(), ex);
			}
			catch (Exception ex) {
				logger.warn("Could not deregister {}/{}; its entry expires", entry.instance().name(),
						entry.instance().id(), ex);
			}
		}
	}

	/**
	 * An instance that is registered.
	 *
	 * @param instance the instance
	 * @param handle ends the registration; there as soon as that is under way
	 */
	private record Entry(DiscoveredInstance instance, CompletableFuture<AutoCloseable> handle) {

	}

}
