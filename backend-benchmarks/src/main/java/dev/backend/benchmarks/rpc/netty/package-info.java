/**
 * The ceiling and its variants by hand on bare Netty, reactor-netty by hand, and the echo
 * server that they share.
 */
@NullMarked
package dev.backend.benchmarks.rpc.netty;

import org.jspecify.annotations.NullMarked;
