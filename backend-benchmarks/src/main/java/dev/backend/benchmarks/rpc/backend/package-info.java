/**
 * Our own client under measurement, through its public API.
 */
@NullMarked
package dev.backend.benchmarks.rpc.backend;

import org.jspecify.annotations.NullMarked;
