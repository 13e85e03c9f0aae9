/**
 * SOFABolt, as a contender of the RPC harness.
 */
@NullMarked
package dev.backend.benchmarks.rpc.bolt;

import org.jspecify.annotations.NullMarked;
