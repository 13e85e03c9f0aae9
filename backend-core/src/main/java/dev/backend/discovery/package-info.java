/**
 * Where instances come from: a {@link dev.backend.discovery.ServiceDiscovery} pushes
 * complete snapshots of a registry, an {@link dev.backend.discovery.InstanceFilter} turns
 * its entries into services.
 */
@NullMarked
package dev.backend.discovery;

import org.jspecify.annotations.NullMarked;
