/**
 * Watches services in Consul by blocking queries. Needs Jackson and reactor-netty's HTTP
 * client.
 */
@NullMarked
package dev.backend.discovery.consul;

import org.jspecify.annotations.NullMarked;
