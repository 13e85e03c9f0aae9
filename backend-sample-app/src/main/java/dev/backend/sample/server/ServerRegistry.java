package dev.backend.sample.server;

import dev.backend.ServiceConfig;

/**
 * Where servers make themselves known.
 */
interface ServerRegistry {

	/**
	 * Registers a server.
	 * @param config the server
	 * @return its entry
	 */
	Entry register(ServiceConfig config);

	/**
	 * The entry of a server.
	 */
	interface Entry {

		/** Returns whether the registry lists the server. */
		boolean listed();

		/** Deregisters the server. */
		void remove();

		/** Leaves the entry to itself, as a server does that crashes. */
		void abandon();

	}

}
