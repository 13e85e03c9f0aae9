/**
 * Our own client as the starter configures it.
 */
@NullMarked
package dev.backend.benchmarks.rpc.boot;

import org.jspecify.annotations.NullMarked;
