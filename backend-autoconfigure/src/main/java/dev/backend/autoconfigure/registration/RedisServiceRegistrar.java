package dev.backend.autoconfigure.registration;

import java.util.List;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.redis.RedisServiceRegistry;

/**
 * Registers in Redis.
 */
final class RedisServiceRegistrar implements ServiceRegistrar {

	private final RedisServiceRegistry registry;

	RedisServiceRegistrar(RedisServiceRegistry registry) {
		this.registry = registry;
	}

	@Override
	public AutoCloseable register(DiscoveredInstance instance) {
		return this.registry.register(instance);
	}

	@Override
	public List<RegistrationStatus> registrations() {
		return this.registry.registrations()
			.stream()
			.map((registration) -> new RegistrationStatus(registration.service(), registration.registered(),
					registration.lastError()))
			.toList();
	}

}
