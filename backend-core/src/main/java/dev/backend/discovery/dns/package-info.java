/**
 * DNS as a registry: the addresses of a name, such as that of a headless service in
 * Kubernetes, or SRV records. {@link dev.backend.discovery.dns.DnsServiceDiscovery}
 * watches them.
 */
@NullMarked
package dev.backend.discovery.dns;

import org.jspecify.annotations.NullMarked;
