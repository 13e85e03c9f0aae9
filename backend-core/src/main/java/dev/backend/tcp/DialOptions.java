package dev.backend.tcp;

import java.net.InetAddress;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import reactor.netty.tcp.TcpClient;

/**
 * How connections are made.
 *
 * @param tls how they are encrypted, or {@code null} for not at all
 * @param localAddress the address to dial from, or {@code null} for any
 * @param customizer the user's last change of the client
 */
record DialOptions(@Nullable TcpTls tls, @Nullable InetAddress localAddress, UnaryOperator<TcpClient> customizer) {

}
