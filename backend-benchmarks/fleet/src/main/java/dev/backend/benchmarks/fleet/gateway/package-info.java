/**
 * The process that is measured: an application with the starter and the actuator.
 */
@NullMarked
package dev.backend.benchmarks.fleet.gateway;

import org.jspecify.annotations.NullMarked;
