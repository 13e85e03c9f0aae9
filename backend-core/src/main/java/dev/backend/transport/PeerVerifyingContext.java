package dev.backend.transport;

import java.time.Duration;
import java.util.List;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.tcp.SslProvider;

/**
 * Sets at each connection whom the peer must prove to be. Whether a context does that by
 * itself depends on how it was made and on system properties, so it is not relied upon.
 */
public final class PeerVerifyingContext extends SslContext {

	/** So long a peer that reads nothing may hold up the closing of its connection. */
	private static final Duration CLOSE_NOTIFY_TIMEOUT = Duration.ofMillis(500);

	private final SslContext context;

	private final boolean verifyHostname;

	private final @Nullable String serverName;

	/**
	 * Creates a context for clients out of another one.
	 * @param context keys, trust, protocols and ciphers
	 * @param verifyHostname whether the certificate must name the peer
	 * @param serverName the name of the peer, or {@code null} for the host that is
	 * connected to
	 * @throws IllegalArgumentException if the context is one for servers
	 */
	public PeerVerifyingContext(SslContext context, boolean verifyHostname, @Nullable String serverName) {
		if (!context.isClient()) {
			throw new IllegalArgumentException("TLS context: %s (expected: one for clients)".formatted(context));
		}
		this.context = context;
		this.verifyHostname = verifyHostname;
		this.serverName = serverName;
	}

	/**
	 * Returns what reactor-netty's clients make TLS with. The handshake has no time-out
	 * of its own: that of the attempt to connect includes it.
	 * @param context keys, trust, protocols and ciphers
	 * @param verifyHostname whether the certificate must name the peer
	 * @param serverName the name of the peer, or {@code null} for the host that is
	 * connected to
	 * @return the provider
	 * @throws IllegalArgumentException if the context is one for servers
	 */
	public static SslProvider provider(SslContext context, boolean verifyHostname, @Nullable String serverName) {
		return SslProvider.builder()
			.sslContext(new PeerVerifyingContext(context, verifyHostname, serverName))
			.handshakeTimeout(Duration.ZERO)
			.closeNotifyFlushTimeout(CLOSE_NOTIFY_TIMEOUT)
			.build();
	}

	@Override
	protected SslHandler newHandler(ByteBufAllocator allocator, String peerHost, int peerPort, boolean startTls) {
		SslHandler handler = this.context.newHandler(allocator, expectedName(peerHost), peerPort);
		configure(handler.engine());
		return handler;
	}

	@Override
	public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
		return configure(this.context.newEngine(allocator, expectedName(peerHost), peerPort));
	}

	@Override
	public SSLEngine newEngine(ByteBufAllocator allocator) {
		return configure(this.context.newEngine(allocator));
	}

	private String expectedName(String peerHost) {
		return (this.serverName != null) ? this.serverName : peerHost;
	}

	private SSLEngine configure(SSLEngine engine) {
		SSLParameters parameters = engine.getSSLParameters();
		// Empty, because null would leave on what the context has switched on.
		parameters.setEndpointIdentificationAlgorithm(this.verifyHostname ? "HTTPS" : "");
		SNIHostName name = hostName(engine.getPeerHost());
		if (name != null) {
			parameters.setServerNames(List.of(name));
		}
		engine.setSSLParameters(parameters);
		return engine;
	}

	/** Also for names without a dot, which the JDK leaves out by itself. */
	private static @Nullable SNIHostName hostName(@Nullable String host) {
		if (host == null || NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
			return null;
		}
		try {
			return new SNIHostName(host);
		}
		catch (IllegalArgumentException ex) {
			// Not a name that TLS can carry, such as one with an underscore.
			return null;
		}
	}

	@Override
	public boolean isClient() {
		return this.context.isClient();
	}

	@Override
	public List<String> cipherSuites() {
		return this.context.cipherSuites();
	}

	@Override
	@SuppressWarnings("deprecation")
	public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
		return this.context.applicationProtocolNegotiator();
	}

	@Override
	public SSLSessionContext sessionContext() {
		return this.context.sessionContext();
	}

}
