/**
 * RSocket, as a contender of the RPC harness.
 */
@NullMarked
package dev.backend.benchmarks.rpc.rsocket;

import org.jspecify.annotations.NullMarked;
