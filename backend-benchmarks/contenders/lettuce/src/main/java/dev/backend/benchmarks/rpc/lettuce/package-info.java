/**
 * Lettuce against a real Redis, as a contender of the RPC harness.
 */
@NullMarked
package dev.backend.benchmarks.rpc.lettuce;

import org.jspecify.annotations.NullMarked;
