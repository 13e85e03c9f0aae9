package dev.backend.fleet;

import dev.backend.ServiceConfig;
import dev.backend.discovery.Origin;

/**
 * A service that discovery lists.
 *
 * @param config the service
 * @param origin where it is listed
 */
record Listed(ServiceConfig config, Origin origin) {
}
