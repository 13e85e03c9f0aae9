/**
 * The process of the instances: their sockets, their entries in Redis, their heartbeats.
 */
@NullMarked
package dev.backend.benchmarks.fleet.instances;

import org.jspecify.annotations.NullMarked;
