package dev.backend.tcp;

import java.util.Objects;
import java.util.function.Supplier;

import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * How the connections of a {@link TcpBackend} are encrypted, and what a peer has to prove
 * before it gets a byte of the application.
 *
 * <p>
 * The peer's certificate must be trusted by the context, be valid now, and name the host
 * or the IP address that discovery lists, as HTTPS requires (RFC 9110, section 4.3.4). A
 * key manager in the context makes it mutual TLS. The time of the handshake counts
 * towards {@link TcpTimings#connectTimeout()}.
 *
 * @param context returns what to make the next connection with: keys, trust, protocols
 * and ciphers. Called by an event loop at each attempt, so it must not block; return
 * another context to have new keys or trust used from the next connection on. What it
 * throws fails the attempt
 * @param verifyHostname whether the certificate must name the peer. If not, every holder
 * of a certificate that is trusted can pass for every service
 * @param serverName the name that the certificate must have and that the peer is told
 * (Server Name Indication, RFC 6066), or {@code null} for the address of each service;
 * for registries that list addresses which no certificate names
 */
public record TcpTls(Supplier<? extends SslContext> context, boolean verifyHostname, @Nullable String serverName) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if the server name is empty
	 */
	public TcpTls {
		Objects.requireNonNull(context, "context");
		if (serverName != null && serverName.isBlank()) {
			throw new IllegalArgumentException("serverName: '%s' (expected: a host name)".formatted(serverName));
		}
	}

	/**
	 * Returns TLS with one context for all connections, which verifies the host name.
	 * @param context a context for clients
	 * @return the settings
	 */
	public static TcpTls of(SslContext context) {
		Objects.requireNonNull(context, "context");
		return new TcpTls(() -> context, true, null);
	}

	/**
	 * Returns TLS with a context that may change, which verifies the host name.
	 * @param context returns a context for clients, see {@link TcpTls}
	 * @return the settings
	 */
	public static TcpTls of(Supplier<? extends SslContext> context) {
		return new TcpTls(context, true, null);
	}

	/**
	 * Returns these settings with another fixed name of the peers.
	 * @param serverName the name that the certificate must have and that the peer is told
	 * @return the changed copy
	 */
	public TcpTls withServerName(String serverName) {
		return new TcpTls(this.context, this.verifyHostname, Objects.requireNonNull(serverName, "serverName"));
	}

	/**
	 * Returns these settings without the check of the name. <b>Dangerous:</b> every
	 * holder of a certificate that is trusted can then pass for every service. Prefer
	 * {@link #withServerName(String)}, or certificates that name IP addresses.
	 * @return the changed copy
	 */
	public TcpTls withoutHostnameVerification() {
		return new TcpTls(this.context, false, this.serverName);
	}

}
