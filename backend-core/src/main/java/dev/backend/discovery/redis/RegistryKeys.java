package dev.backend.discovery.redis;

import java.util.List;

/**
 * The keys and the channel that belong to a registry key. The braces are literal, so that
 * all keys of one script share a Redis Cluster slot.
 *
 * @param registry the sorted set of the members
 * @param list the live members as one string
 * @param locker the elected checker's lock
 * @param channel the channel on which changes are told
 * @param foreignLock the lock that a fleet of the layout {@code gobase-v2} would hold
 */
record RegistryKeys(String registry, String list, String locker, String channel, String foreignLock) {

	static RegistryKeys of(String key) {
		return new RegistryKeys(key, "_{" + key + "}_list_", "_{" + key + "}_locker_", "_{" + key + "}_channel_",
				key + "_check");
	}

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
