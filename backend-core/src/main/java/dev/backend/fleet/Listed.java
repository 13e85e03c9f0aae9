package dev.backend.fleet;

import dev.backend.ServiceConfig;
import dev.backend.discovery.Origin;

/**
 * A service that discovery lists.
 *
 * @param key what identifies it
 * @param config the service
 * @param origin where it is listed
 */
record Listed(ServiceKey key, ServiceConfig config, Origin origin) {

	Listed(ServiceConfig config, Origin origin) {
		this(ServiceKey.of(config), config, origin);
	}

}
