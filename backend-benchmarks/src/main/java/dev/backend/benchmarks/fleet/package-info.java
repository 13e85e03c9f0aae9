/**
 * The benchmark of a large fleet: {@link dev.backend.benchmarks.fleet.FleetBenchmark}
 * starts a Redis, the instances and an application that uses them, and prints what the
 * application takes; see the module's README.
 */
@NullMarked
package dev.backend.benchmarks.fleet;

import org.jspecify.annotations.NullMarked;
