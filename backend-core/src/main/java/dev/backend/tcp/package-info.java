/**
 * Fleets reached over TCP: one live connection to each instance, with ordered handlers,
 * requests with replies, and bounds on everything that can grow.
 *
 * <p>
 * What a user needs is {@link dev.backend.tcp.TcpBackend}, its builder, and
 * {@link dev.backend.tcp.TcpHandler}. Inside, {@code Connector} owns the state of one
 * instance, {@code Link} one connection; both live on one event loop.
 */
@NullMarked
package dev.backend.tcp;

import org.jspecify.annotations.NullMarked;
