package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * How one registry key in Redis is watched and written. Immutable; what is not set has
 * the defaults of the contract {@code gobase-v1}, of which {@link #layout()} and
 * {@link #expiry()} must be equal across the fleet.
 */
public final class RedisRegistrySettings {

	private final String key;

	private final RegistryLayout layout;

	private final Set<String> serviceNames;

	private final Duration expiry;

	private final Duration heartbeatInterval;

	private final Duration readInterval;

	private final Duration probeInterval;

	private final Duration responseTimeout;

	private final Duration retryInitialDelay;

	private final Duration retryMaximumDelay;

	private final Duration closeTimeout;

	private final boolean checkerEnabled;

	private final Duration checkInterval;

	private final Duration standbyInterval;

	private final int maximumMembers;

	private RedisRegistrySettings(Builder builder) {
		this.key = builder.key;
		this.layout = builder.layout;
		this.serviceNames = builder.serviceNames;
		this.expiry = builder.expiry;
		this.heartbeatInterval = builder.heartbeatInterval;
		this.readInterval = builder.readInterval;
		this.probeInterval = builder.probeInterval;
		this.responseTimeout = builder.responseTimeout;
		this.retryInitialDelay = builder.retryInitialDelay;
		this.retryMaximumDelay = builder.retryMaximumDelay;
		this.closeTimeout = builder.closeTimeout;
		this.checkerEnabled = builder.checkerEnabled;
		this.checkInterval = builder.checkInterval;
		this.standbyInterval = builder.standbyInterval;
		this.maximumMembers = builder.maximumMembers;
	}

	/**
	 * Returns settings with the defaults.
	 * @param key the registry key
	 * @return the settings
	 * @throws IllegalArgumentException if the key is blank or has control characters
	 */
	public static RedisRegistrySettings of(String key) {
		return builder(key).build();
	}

	/**
	 * Returns a builder that starts with the defaults.
	 * @param key the registry key
	 * @return the builder
	 */
	public static Builder builder(String key) {
		return new Builder(key);
	}

	/**
	 * Returns the same settings for another key.
	 * @param key the other registry key
	 * @return the changed copy
	 * @throws IllegalArgumentException if the key is blank or has control characters
	 */
	public RedisRegistrySettings withKey(String key) {
		return new Builder(key, this).build();
	}

	/**
	 * Returns the registry key.
	 * @return the key, a sorted set in Redis
	 */
	public String key() {
		return this.key;
	}

	/**
	 * Returns how the registry is laid out in Redis.
	 * @return the layout; {@link RegistryLayout#GOBASE_V1} by default
	 */
	public RegistryLayout layout() {
		return this.layout;
	}

	/**
	 * Returns the names of the services to watch, compared exactly.
	 * @return the names; empty: all
	 */
	public Set<String> serviceNames() {
		return this.serviceNames;
	}

	/**
	 * Returns for how long an entry lives after its last heartbeat.
	 * @return the expiry; 8 s by default
	 */
	public Duration expiry() {
		return this.expiry;
	}

	/**
	 * Returns the time between two heartbeats of a registration.
	 * @return the interval; 4 s by default
	 */
	public Duration heartbeatInterval() {
		return this.heartbeatInterval;
	}

	/**
	 * Returns the longest time between two reads while nobody tells of a change.
	 * @return the interval; 8 s by default
	 */
	public Duration readInterval() {
		return this.readInterval;
	}

	/**
	 * Returns the time between two looks at whether the key can still be read.
	 * @return the interval; 2 s by default
	 */
	public Duration probeInterval() {
		return this.probeInterval;
	}

	/**
	 * Returns for how long an answer of Redis is waited for. It is the command time-out
	 * of the registry's own connections, whatever the application's is.
	 * @return the time-out; 2 s by default
	 */
	public Duration responseTimeout() {
		return this.responseTimeout;
	}

	/**
	 * Returns the delay before the first retry after a failure; each further one doubles
	 * it, up to the maximum, and half of it is random.
	 * @return the delay; 100 ms by default
	 */
	public Duration retryInitialDelay() {
		return this.retryInitialDelay;
	}

	/**
	 * Returns the longest delay between two retries; Redis is also read that often while
	 * its channel cannot be subscribed to.
	 * @return the delay; 1 s by default
	 */
	public Duration retryMaximumDelay() {
		return this.retryMaximumDelay;
	}

	/**
	 * Returns for how long closing waits for the deregistration.
	 * @return the time-out; 2 s by default
	 */
	public Duration closeTimeout() {
		return this.closeTimeout;
	}

	/**
	 * Returns whether a watcher stands for election as the key's checker, who tells the
	 * others of expired entries. It needs the right to write.
	 * @return whether it does; {@code true} by default
	 */
	public boolean checkerEnabled() {
		return this.checkerEnabled;
	}

	/**
	 * Returns the time between two checks of the elected checker.
	 * @return the interval; 1 s by default
	 */
	public Duration checkInterval() {
		return this.checkInterval;
	}

	/**
	 * Returns the time between two candidatures of one that was not elected.
	 * @return the interval; 8 s by default
	 */
	public Duration standbyInterval() {
		return this.standbyInterval;
	}

	/**
	 * Returns the most entries that are taken from the key; what is beyond is refused.
	 * @return the number; 10,000 by default
	 */
	public int maximumMembers() {
		return this.maximumMembers;
	}

	/**
	 * Builds {@link RedisRegistrySettings}. The meaning of each property stands at its
	 * getter. For one thread.
	 */
	public static final class Builder {

		private final String key;

		private RegistryLayout layout = RegistryLayout.GOBASE_V1;

		private Set<String> serviceNames = Set.of();

		private Duration expiry = Duration.ofSeconds(8);

		private Duration heartbeatInterval = Duration.ofSeconds(4);

		private Duration readInterval = Duration.ofSeconds(8);

		private Duration probeInterval = Duration.ofSeconds(2);

		private Duration responseTimeout = Duration.ofSeconds(2);

		private Duration retryInitialDelay = Duration.ofMillis(100);

		private Duration retryMaximumDelay = Duration.ofSeconds(1);

		private Duration closeTimeout = Duration.ofSeconds(2);

		private boolean checkerEnabled = true;

		private Duration checkInterval = Duration.ofSeconds(1);

		private Duration standbyInterval = Duration.ofSeconds(8);

		private int maximumMembers = 10_000;

		private Builder(String key) {
			this.key = key;
		}

		private Builder(String key, RedisRegistrySettings settings) {
			this(key);
			this.layout = settings.layout;
			this.serviceNames = settings.serviceNames;
			this.expiry = settings.expiry;
			this.heartbeatInterval = settings.heartbeatInterval;
			this.readInterval = settings.readInterval;
			this.probeInterval = settings.probeInterval;
			this.responseTimeout = settings.responseTimeout;
			this.retryInitialDelay = settings.retryInitialDelay;
			this.retryMaximumDelay = settings.retryMaximumDelay;
			this.closeTimeout = settings.closeTimeout;
			this.checkerEnabled = settings.checkerEnabled;
			this.checkInterval = settings.checkInterval;
			this.standbyInterval = settings.standbyInterval;
			this.maximumMembers = settings.maximumMembers;
		}

		/**
		 * Sets {@link RedisRegistrySettings#layout()}.
		 * @param layout the layout that the whole fleet uses
		 * @return this builder
		 */
		public Builder layout(RegistryLayout layout) {
			this.layout = layout;
			return this;
		}

		/**
		 * Sets the names of the services to watch.
		 * @param names the names; none: all services
		 * @return this builder
		 */
		public Builder serviceNames(String... names) {
			return serviceNames(List.of(names));
		}

		/**
		 * Sets the names of the services to watch.
		 * @param names the names; none: all services
		 * @return this builder
		 */
		public Builder serviceNames(Collection<String> names) {
			this.serviceNames = Set.copyOf(names);
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#expiry()}.
		 * @param expiry whole milliseconds, more than the heartbeat interval
		 * @return this builder
		 */
		public Builder expiry(Duration expiry) {
			this.expiry = expiry;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#heartbeatInterval()}.
		 * @param heartbeatInterval the interval, less than the expiry
		 * @return this builder
		 */
		public Builder heartbeatInterval(Duration heartbeatInterval) {
			this.heartbeatInterval = heartbeatInterval;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#readInterval()}.
		 * @param readInterval the interval
		 * @return this builder
		 */
		public Builder readInterval(Duration readInterval) {
			this.readInterval = readInterval;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#probeInterval()}.
		 * @param probeInterval the interval
		 * @return this builder
		 */
		public Builder probeInterval(Duration probeInterval) {
			this.probeInterval = probeInterval;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#responseTimeout()}.
		 * @param responseTimeout the time-out
		 * @return this builder
		 */
		public Builder responseTimeout(Duration responseTimeout) {
			this.responseTimeout = responseTimeout;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#retryInitialDelay()}.
		 * @param retryInitialDelay the delay, at most the maximum delay
		 * @return this builder
		 */
		public Builder retryInitialDelay(Duration retryInitialDelay) {
			this.retryInitialDelay = retryInitialDelay;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#retryMaximumDelay()}.
		 * @param retryMaximumDelay the delay
		 * @return this builder
		 */
		public Builder retryMaximumDelay(Duration retryMaximumDelay) {
			this.retryMaximumDelay = retryMaximumDelay;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#closeTimeout()}.
		 * @param closeTimeout the time-out
		 * @return this builder
		 */
		public Builder closeTimeout(Duration closeTimeout) {
			this.closeTimeout = closeTimeout;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#checkerEnabled()}.
		 * @param checkerEnabled whether watchers stand for election
		 * @return this builder
		 */
		public Builder checkerEnabled(boolean checkerEnabled) {
			this.checkerEnabled = checkerEnabled;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#checkInterval()}.
		 * @param checkInterval the interval
		 * @return this builder
		 */
		public Builder checkInterval(Duration checkInterval) {
			this.checkInterval = checkInterval;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#standbyInterval()}.
		 * @param standbyInterval the interval
		 * @return this builder
		 */
		public Builder standbyInterval(Duration standbyInterval) {
			this.standbyInterval = standbyInterval;
			return this;
		}

		/**
		 * Sets {@link RedisRegistrySettings#maximumMembers()}.
		 * @param maximumMembers the number, 1 to 100,000
		 * @return this builder
		 */
		public Builder maximumMembers(int maximumMembers) {
			this.maximumMembers = maximumMembers;
			return this;
		}

		/**
		 * Checks the properties and builds the settings.
		 * @return the settings
		 * @throws IllegalArgumentException if a property is outside its range; the
		 * message names the property, its value and what was expected
		 */
		public RedisRegistrySettings build() {
			requireKey();
			requirePositive("expiry", this.expiry);
			requirePositive("heartbeatInterval", this.heartbeatInterval);
			requirePositive("readInterval", this.readInterval);
			requirePositive("probeInterval", this.probeInterval);
			requirePositive("responseTimeout", this.responseTimeout);
			requirePositive("retryInitialDelay", this.retryInitialDelay);
			requirePositive("retryMaximumDelay", this.retryMaximumDelay);
			requirePositive("closeTimeout", this.closeTimeout);
			requirePositive("checkInterval", this.checkInterval);
			requirePositive("standbyInterval", this.standbyInterval);
			require("expiry", text(this.expiry), "whole seconds in the layout " + this.layout,
					this.layout.isWhole(this.expiry));
			require("heartbeatInterval", text(this.heartbeatInterval), "less than the expiry " + text(this.expiry),
					this.heartbeatInterval.compareTo(this.expiry) < 0);
			require("retryInitialDelay", text(this.retryInitialDelay),
					"at most the retryMaximumDelay " + text(this.retryMaximumDelay),
					this.retryInitialDelay.compareTo(this.retryMaximumDelay) <= 0);
			require("maximumMembers", this.maximumMembers, "1 to 100000",
					this.maximumMembers >= 1 && this.maximumMembers <= 100_000);
			for (String name : this.serviceNames) {
				require("serviceNames", this.serviceNames, "no blank name", !name.isBlank());
			}
			return new RedisRegistrySettings(this);
		}

		private void requireKey() {
			String shown = "'" + RegistryMember.printable(this.key) + "'";
			if (this.key.isBlank() || RegistryMember.hasControlCharacter(this.key)) {
				throw new IllegalArgumentException(
						"key: %s (expected: not blank, no control characters)".formatted(shown));
			}
		}

		private void requirePositive(String property, Duration value) {
			require(property, text(value), ">= 1ms", value.compareTo(Duration.ofMillis(1)) >= 0);
			require(property, text(value), "at most 1 day", value.compareTo(Duration.ofDays(1)) <= 0);
		}

		private void require(String property, Object value, String expectation, boolean condition) {
			if (!condition) {
				throw new IllegalArgumentException(
						"%s of redis key '%s': %s (expected: %s)".formatted(property, this.key, value, expectation));
			}
		}

		private static String text(Duration value) {
			boolean wholeSeconds = value.getNano() == 0 && !value.isZero();
			return wholeSeconds ? value.toSeconds() + "s" : value.toMillis() + "ms";
		}

	}

}
