package dev.backend.discovery.consul;

import java.net.URI;
import java.security.NoSuchAlgorithmException;

import javax.net.ssl.SSLContext;

import dev.backend.settings.SettingChecks;
import org.jspecify.annotations.Nullable;

/**
 * Where an agent of Consul is, and how to prove who asks.
 *
 * @param agent the agent's address: http or https, host, port, and the path under which a
 * proxy has it, if there is one; no user information
 * @param token the ACL token that is sent with every query, or {@code null} for none; a
 * blank one is none. A secret, which {@link #toString()} does not show
 * @param sslContext whom to trust, and who this is, where the agent is asked over TLS;
 * {@code null}: as the JVM does
 */
public record ConsulAccess(URI agent, @Nullable String token, @Nullable SSLContext sslContext) {

	private static final String HIDDEN = "(hidden)";

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if the address is incomplete, or the token is no
	 * printable ASCII; the message shows neither a token nor user information
	 */
	public ConsulAccess {
		token = (token == null || token.isBlank()) ? null : token;
		SettingChecks.require(agent.getRawUserInfo() == null && isComplete(agent), "agent",
				(agent.getRawUserInfo() != null) ? "(with user information)" : agent.toString(),
				"http or https, host and port");
		SettingChecks.require(token == null || token.chars().allMatch((c) -> c > ' ' && c < 127), "token", HIDDEN,
				"printable ASCII characters");
	}

	/**
	 * Returns access without a token, and with the trust of the JVM.
	 * @param agent the agent's address: http or https, host, port, and the path under
	 * which a proxy has it, if there is one
	 * @return the access
	 * @throws IllegalArgumentException if the address is incomplete
	 */
	public static ConsulAccess of(URI agent) {
		return new ConsulAccess(agent, null, null);
	}

	/**
	 * Returns this access with another token.
	 * @param token the token; {@code null} or blank for none
	 * @return the changed copy
	 * @throws IllegalArgumentException if the token is no printable ASCII
	 */
	public ConsulAccess withToken(@Nullable String token) {
		return new ConsulAccess(this.agent, token, this.sslContext);
	}

	/**
	 * Returns this access with another trust and identity.
	 * @param sslContext the context, or {@code null} for that of the JVM
	 * @return the changed copy
	 */
	public ConsulAccess withSslContext(@Nullable SSLContext sslContext) {
		return new ConsulAccess(this.agent, this.token, sslContext);
	}

	/**
	 * Returns the address, without its path and without the token.
	 */
	@Override
	public String toString() {
		return "ConsulAccess[agent=%s, token=%s]".formatted(label(), (this.token != null) ? HIDDEN : "none");
	}

	/** The address without what may be secret in it. */
	String label() {
		return "%s://%s:%d".formatted(this.agent.getScheme(), this.agent.getHost(), this.agent.getPort());
	}

	SSLContext sslContextOrDefault() {
		try {
			return (this.sslContext != null) ? this.sslContext : SSLContext.getDefault();
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(label() + ": this JVM has no TLS", ex);
		}
	}

	private static boolean isComplete(URI agent) {
		String scheme = agent.getScheme();
		return ("http".equals(scheme) || "https".equals(scheme)) && agent.getHost() != null && agent.getPort() > 0
				&& agent.getQuery() == null && agent.getFragment() == null;
	}

}
