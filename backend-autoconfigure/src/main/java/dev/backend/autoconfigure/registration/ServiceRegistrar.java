package dev.backend.autoconfigure.registration;

import java.util.List;

import dev.backend.discovery.DiscoveredInstance;

/**
 * A registry as the registration of this application sees it. A bean of this type stands
 * for a registry that is not among the auto-configured ones. Thread-safe.
 */
public interface ServiceRegistrar {

	/**
	 * Registers an instance; returns at once and keeps trying while the registry is away.
	 * @param instance the instance, its name and id spelt as they are to be written
	 * @return closes the registration, waiting for it for a bounded time
	 * @throws IllegalArgumentException if a part cannot be written
	 */
	AutoCloseable register(DiscoveredInstance instance);

	/**
	 * Returns what this process has registered at present, by whatever way.
	 * @return the registrations
	 */
	List<RegistrationStatus> registrations();

}
