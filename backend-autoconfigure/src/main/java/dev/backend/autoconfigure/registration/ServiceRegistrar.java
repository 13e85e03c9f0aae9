package dev.backend.autoconfigure.registration;

import java.util.List;

import dev.backend.ServiceConfig;

/**
 * A registry as the registration of this application sees it. A bean of this type stands
 * for a registry that is not among the auto-configured ones. Thread-safe.
 */
public interface ServiceRegistrar {

	/**
	 * Registers a service; returns at once and keeps trying while the registry is away.
	 * @param service the service
	 * @return closes the registration, waiting for it for a bounded time
	 * @throws IllegalArgumentException if a part cannot be written
	 */
	AutoCloseable register(ServiceConfig service);

	/**
	 * Returns what this process has registered at present, by whatever way.
	 * @return the registrations
	 */
	List<RegistrationStatus> registrations();

}
