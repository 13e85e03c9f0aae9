/**
 * Spring Integration's TCP gateway and adapters, as a contender of the RPC harness.
 */
@NullMarked
package dev.backend.benchmarks.rpc.integration;

import org.jspecify.annotations.NullMarked;
