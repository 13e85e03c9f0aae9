/**
 * Dubbo, as a contender of the RPC harness.
 */
@NullMarked
package dev.backend.benchmarks.rpc.dubbo;

import org.jspecify.annotations.NullMarked;
