package dev.backend.autoconfigure.metrics;

import java.util.Set;

/**
 * The meters of a service name that its protocol adds.
 */
@FunctionalInterface
interface ProtocolMeters {

	/**
	 * Registers the meters of a service name.
	 * @param service the name
	 * @param meters registers and removes them
	 */
	void register(String service, MeterSet meters);

	/**
	 * Takes note of all names that have instances.
	 * @param services the names
	 */
	default void retain(Set<String> services) {
	}

}
