/**
 * gRPC-Java, as a contender of the RPC harness.
 */
@NullMarked
package dev.backend.benchmarks.rpc.grpc;

import org.jspecify.annotations.NullMarked;
