package dev.backend.http;

import java.util.Objects;
import java.util.function.Supplier;

import io.netty.handler.ssl.SslContext;

/**
 * How a {@link HttpBackend} probes instances with the scheme https by a GET. The
 * certificate must be trusted by the context, be valid now, and name the host or the IP
 * address that discovery lists (RFC 9110, section 4.3.4). A key manager in the context
 * makes it mutual TLS. The requests of an HTTP client have the TLS settings of that
 * client, not these.
 *
 * @param context returns what to make the next probe with: keys, trust, protocols and
 * ciphers. Called by an event loop at each probe, so it must not block; return another
 * context to have new keys or trust used from the next probe on. What it throws fails the
 * probe
 * @param verifyHostname whether the certificate must name the instance
 */
public record HttpTls(Supplier<? extends SslContext> context, boolean verifyHostname) {

	/**
	 * Checks the parts.
	 */
	public HttpTls {
		Objects.requireNonNull(context, "context");
	}

	/**
	 * Returns TLS with one context for all probes, which verifies the host name.
	 * @param context a context for clients
	 * @return the settings
	 */
	public static HttpTls of(SslContext context) {
		Objects.requireNonNull(context, "context");
		return new HttpTls(() -> context, true);
	}

	/**
	 * Returns TLS with a context that may change, which verifies the host name.
	 * @param context returns a context for clients, see {@link HttpTls}
	 * @return the settings
	 */
	public static HttpTls of(Supplier<? extends SslContext> context) {
		return new HttpTls(context, true);
	}

	/**
	 * Returns these settings without the check of the name: an instance then counts as
	 * usable whatever host its certificate names.
	 * @return the changed copy
	 */
	public HttpTls withoutHostnameVerification() {
		return new HttpTls(this.context, false);
	}

}
