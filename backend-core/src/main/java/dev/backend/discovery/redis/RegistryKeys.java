package dev.backend.discovery.redis;

import java.util.List;

/**
 * The keys and the channel that belong to a registry key.
 *
 * @param registry the sorted set of the members
 * @param list the live members as one string
 * @param locker the elected checker's lock
 * @param channel the channel on which changes are told
 * @param foreignLock the lock that a fleet of the other layout would hold
 */
record RegistryKeys(String registry, String list, String locker, String channel, String foreignLock) {

	List<String> forReading() {
		return List.of(this.registry);
	}

	List<String> forWriting() {
		return List.of(this.registry, this.list);
	}

	List<String> forChecking() {
		return List.of(this.registry, this.list, this.locker);
	}

}
