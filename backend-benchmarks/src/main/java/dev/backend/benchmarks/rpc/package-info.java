/**
 * The RPC harness: {@link dev.backend.benchmarks.rpc.RpcBenchmark} starts one server and
 * one client process after another and prints one table; see the module's README.
 */
@NullMarked
package dev.backend.benchmarks.rpc;

import org.jspecify.annotations.NullMarked;
