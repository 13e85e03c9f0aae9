/**
 * What runs in the process of a client: the interface of a contender, the drivers that
 * load it, and the meters.
 */
@NullMarked
package dev.backend.benchmarks.rpc.client;

import org.jspecify.annotations.NullMarked;
