/**
 * Auto-configuration of {@link dev.backend.tcp.TcpBackend}.
 */
@NullMarked
package dev.backend.autoconfigure.tcp;

import org.jspecify.annotations.NullMarked;
