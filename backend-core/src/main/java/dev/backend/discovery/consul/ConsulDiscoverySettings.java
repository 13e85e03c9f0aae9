package dev.backend.discovery.consul;

import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;

import javax.net.ssl.SSLContext;

import org.jspecify.annotations.Nullable;

/**
 * Which agent of Consul is asked for which services, and how. Immutable.
 */
public final class ConsulDiscoverySettings {

	private final URI agent;

	private final @Nullable String token;

	private final @Nullable SSLContext sslContext;

	private final Set<String> serviceNames;

	private final @Nullable String tag;

	private final Duration waitTime;

	private final Duration responseTimeout;

	private final Duration probeInterval;

	private final Duration retryInitialDelay;

	private final Duration retryMaximumDelay;

	private final Duration confirmationDelay;

	private final int maximumLongPolls;

	private final int maximumServices;

	private final int maximumInstances;

	private ConsulDiscoverySettings(Builder builder) {
		this.agent = builder.agent;
		this.token = builder.token;
		this.sslContext = builder.sslContext;
		this.serviceNames = builder.serviceNames;
		this.tag = builder.tag;
		this.waitTime = builder.waitTime;
		this.responseTimeout = builder.responseTimeout;
		this.probeInterval = builder.probeInterval;
		this.retryInitialDelay = builder.retryInitialDelay;
		this.retryMaximumDelay = builder.retryMaximumDelay;
		this.confirmationDelay = builder.confirmationDelay;
		this.maximumLongPolls = builder.maximumLongPolls;
		this.maximumServices = builder.maximumServices;
		this.maximumInstances = builder.maximumInstances;
	}

	/**
	 * Starts settings with the defaults.
	 * @param agent the agent's address: http or https, host, port, and the path under
	 * which a proxy has it, if there is one
	 * @return a builder
	 */
	public static Builder builder(URI agent) {
		return new Builder(agent);
	}

	/**
	 * Returns the address of the agent.
	 * @return the address
	 */
	public URI agent() {
		return this.agent;
	}

	/**
	 * Returns the ACL token that is sent with every question. A secret.
	 * @return by default {@code null}: none
	 */
	public @Nullable String token() {
		return this.token;
	}

	/**
	 * Returns whom to trust, and who this is, where the agent is asked over TLS.
	 * @return by default {@code null}: as the JVM does
	 */
	public @Nullable SSLContext sslContext() {
		return this.sslContext;
	}

	/**
	 * Returns the names of the services to watch, compared exactly.
	 * @return by default empty: all
	 */
	public Set<String> serviceNames() {
		return this.serviceNames;
	}

	/**
	 * Returns the tag that an instance must carry, whatever its case.
	 * @return by default {@code null}: none
	 */
	public @Nullable String tag() {
		return this.tag;
	}

	/**
	 * Returns how long Consul may hold a question while nothing changes. Must be shorter
	 * than what any proxy in between allows.
	 * @return by default 55 s
	 */
	public Duration waitTime() {
		return this.waitTime;
	}

	/**
	 * Returns how long an answer may take, beyond the time that Consul may hold the
	 * question.
	 * @return by default 5 s
	 */
	public Duration responseTimeout() {
		return this.responseTimeout;
	}

	/**
	 * Returns the time between two questions whether the agent is there.
	 * @return by default 2 s
	 */
	public Duration probeInterval() {
		return this.probeInterval;
	}

	/**
	 * Returns the longest delay before the first retry after a failure.
	 * @return by default 100 ms
	 */
	public Duration retryInitialDelay() {
		return this.retryInitialDelay;
	}

	/**
	 * Returns the longest delay between retries.
	 * @return by default 1 s
	 */
	public Duration retryMaximumDelay() {
		return this.retryMaximumDelay;
	}

	/**
	 * Returns how long after a read that misses most of a group another one must confirm
	 * that.
	 * @return by default 8 s
	 */
	public Duration confirmationDelay() {
		return this.confirmationDelay;
	}

	/**
	 * Returns how many services have a long poll of their own; each takes one connection.
	 * @return by default 100
	 */
	public int maximumLongPolls() {
		return this.maximumLongPolls;
	}

	/**
	 * Returns how many services are watched when no names are given; further ones are
	 * left out and reported.
	 * @return by default 1,000
	 */
	public int maximumServices() {
		return this.maximumServices;
	}

	/**
	 * Returns how many live instances are taken; further ones are left out and reported.
	 * @return by default 10,000
	 */
	public int maximumInstances() {
		return this.maximumInstances;
	}

	SSLContext sslContextOrDefault() {
		try {
			return (this.sslContext != null) ? this.sslContext : SSLContext.getDefault();
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("This JVM has no TLS", ex);
		}
	}

	/** How long the agent may take to say that it is there. */
	Duration probeTimeout() {
		Duration longest = Duration.ofSeconds(2);
		return (this.responseTimeout.compareTo(longest) < 0) ? this.responseTimeout : longest;
	}

	/** How long a connection may take. */
	Duration connectTimeout() {
		return probeTimeout();
	}

	/** The address without what may be secret in it. */
	String agentLabel() {
		return "%s://%s:%d".formatted(this.agent.getScheme(), this.agent.getHost(), this.agent.getPort());
	}

	/** What is watched, for people. */
	String source() {
		return "consul at " + agentLabel();
	}

	/**
	 * Returns what is watched where, without the token.
	 */
	@Override
	public String toString() {
		return "%s, services %s, tag %s".formatted(agentLabel(),
				this.serviceNames.isEmpty() ? "all" : this.serviceNames, (this.tag != null) ? this.tag : "any");
	}

	/**
	 * Builds {@link ConsulDiscoverySettings}. For one thread.
	 */
	public static final class Builder {

		private final URI agent;

		private @Nullable String token;

		private @Nullable SSLContext sslContext;

		private Set<String> serviceNames = Set.of();

		private @Nullable String tag;

		private Duration waitTime = Duration.ofSeconds(55);

		private Duration responseTimeout = Duration.ofSeconds(5);

		private Duration probeInterval = Duration.ofSeconds(2);

		private Duration retryInitialDelay = Duration.ofMillis(100);

		private Duration retryMaximumDelay = Duration.ofSeconds(1);

		private Duration confirmationDelay = Duration.ofSeconds(8);

		private int maximumLongPolls = 100;

		private int maximumServices = 1000;

		private int maximumInstances = 10_000;

		private Builder(URI agent) {
			this.agent = agent;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#token()}.
		 * @param token the token; {@code null} or blank for none
		 * @return this builder
		 */
		public Builder token(@Nullable String token) {
			this.token = (token == null || token.isBlank()) ? null : token;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#sslContext()}.
		 * @param sslContext the context, or {@code null}
		 * @return this builder
		 */
		public Builder sslContext(@Nullable SSLContext sslContext) {
			this.sslContext = sslContext;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#serviceNames()}.
		 * @param serviceNames the names; empty for all
		 * @return this builder
		 */
		public Builder serviceNames(Collection<String> serviceNames) {
			this.serviceNames = Set.copyOf(serviceNames);
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#tag()}.
		 * @param tag the tag; {@code null} or blank for none
		 * @return this builder
		 */
		public Builder tag(@Nullable String tag) {
			this.tag = (tag == null || tag.isBlank()) ? null : tag;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#waitTime()}.
		 * @param waitTime the time, 1 s to 10 min
		 * @return this builder
		 */
		public Builder waitTime(Duration waitTime) {
			this.waitTime = waitTime;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#responseTimeout()}.
		 * @param responseTimeout the time
		 * @return this builder
		 */
		public Builder responseTimeout(Duration responseTimeout) {
			this.responseTimeout = responseTimeout;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#probeInterval()}.
		 * @param probeInterval the time
		 * @return this builder
		 */
		public Builder probeInterval(Duration probeInterval) {
			this.probeInterval = probeInterval;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#retryInitialDelay()}.
		 * @param retryInitialDelay the delay, at most the maximum delay
		 * @return this builder
		 */
		public Builder retryInitialDelay(Duration retryInitialDelay) {
			this.retryInitialDelay = retryInitialDelay;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#retryMaximumDelay()}.
		 * @param retryMaximumDelay the delay
		 * @return this builder
		 */
		public Builder retryMaximumDelay(Duration retryMaximumDelay) {
			this.retryMaximumDelay = retryMaximumDelay;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#confirmationDelay()}.
		 * @param confirmationDelay the delay
		 * @return this builder
		 */
		public Builder confirmationDelay(Duration confirmationDelay) {
			this.confirmationDelay = confirmationDelay;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#maximumLongPolls()}.
		 * @param maximumLongPolls the number, 1 to 1,000
		 * @return this builder
		 */
		public Builder maximumLongPolls(int maximumLongPolls) {
			this.maximumLongPolls = maximumLongPolls;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#maximumServices()}.
		 * @param maximumServices the number, 1 to 10,000
		 * @return this builder
		 */
		public Builder maximumServices(int maximumServices) {
			this.maximumServices = maximumServices;
			return this;
		}

		/**
		 * Sets {@link ConsulDiscoverySettings#maximumInstances()}.
		 * @param maximumInstances the number, 1 to 100,000
		 * @return this builder
		 */
		public Builder maximumInstances(int maximumInstances) {
			this.maximumInstances = maximumInstances;
			return this;
		}

		/**
		 * Checks the properties and builds the settings.
		 * @return the settings
		 * @throws IllegalArgumentException if a property is outside its range; the
		 * message names the property, its value and what was expected
		 */
		public ConsulDiscoverySettings build() {
			requireAgent();
			require("token", "(hidden)", "printable ASCII characters",
					this.token == null || this.token.chars().allMatch((c) -> c > ' ' && c < 127));
			for (String name : this.serviceNames) {
				require("serviceNames", this.serviceNames, "no blank name", !name.isBlank());
			}
			require("waitTime", this.waitTime, "1s to 10m", this.waitTime.compareTo(Duration.ofSeconds(1)) >= 0
					&& this.waitTime.compareTo(Duration.ofMinutes(10)) <= 0);
			requirePositive("responseTimeout", this.responseTimeout);
			requirePositive("probeInterval", this.probeInterval);
			requirePositive("retryInitialDelay", this.retryInitialDelay);
			requirePositive("retryMaximumDelay", this.retryMaximumDelay);
			requirePositive("confirmationDelay", this.confirmationDelay);
			require("retryInitialDelay", this.retryInitialDelay,
					"at most the retryMaximumDelay " + this.retryMaximumDelay,
					this.retryInitialDelay.compareTo(this.retryMaximumDelay) <= 0);
			requireRange("maximumLongPolls", this.maximumLongPolls, 1000);
			requireRange("maximumServices", this.maximumServices, 10_000);
			requireRange("maximumInstances", this.maximumInstances, 100_000);
			return new ConsulDiscoverySettings(this);
		}

		private void requireAgent() {
			String scheme = this.agent.getScheme();
			boolean complete = ("http".equals(scheme) || "https".equals(scheme)) && this.agent.getHost() != null
					&& this.agent.getPort() > 0 && this.agent.getQuery() == null && this.agent.getFragment() == null;
			require("agent", (this.agent.getRawUserInfo() != null) ? "(with user information)" : this.agent,
					"http or https, host and port", complete && this.agent.getRawUserInfo() == null);
		}

		private static void requirePositive(String property, Duration value) {
			require(property, value, "1ms to 1d",
					value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(Duration.ofDays(1)) <= 0);
		}

		private static void requireRange(String property, int value, int maximum) {
			require(property, value, "1 to " + maximum, value >= 1 && value <= maximum);
		}

		private static void require(String property, Object value, String expectation, boolean condition) {
			if (!condition) {
				throw new IllegalArgumentException(
						"%s of consul: %s (expected: %s)".formatted(property, value, expectation));
			}
		}

	}

}
