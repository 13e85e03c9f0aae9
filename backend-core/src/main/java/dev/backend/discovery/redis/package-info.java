/**
 * The Redis registry: both sides of the wire contracts {@code gobase-v1} and
 * {@code gobase-v2}, on Spring Data Redis and Lettuce.
 * {@link dev.backend.discovery.redis.RedisServiceDiscovery} watches a key,
 * {@link dev.backend.discovery.redis.RedisServiceRegistry} registers services under one.
 */
@NullMarked
package dev.backend.discovery.redis;

import org.jspecify.annotations.NullMarked;
