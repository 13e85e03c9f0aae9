package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.ServiceDiscovery;

/**
 * A source that can be named in {@code backend.discovery.sources}. It is not itself a
 * {@link ServiceDiscovery} bean, of which there is one for all sources, which also closes
 * them.
 *
 * @param name the name
 * @param discovery the source
 */
record DiscoverySource(String name, ServiceDiscovery discovery) {

}
