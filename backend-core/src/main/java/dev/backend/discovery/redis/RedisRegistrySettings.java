package dev.backend.discovery.redis;

import java.util.List;
import java.util.Set;

import dev.backend.discovery.InstanceRules;
import dev.backend.settings.InvalidSettingException;
import dev.backend.settings.RetryDelays;
import dev.backend.settings.SettingChecks;

/**
 * How one registry key in Redis is watched and written.
 *
 * @param key the registry key, a sorted set in Redis
 * @param layout how the registry is laid out in Redis; equal across the fleet
 * @param serviceNames the names of the services to watch, compared exactly; empty: all
 * @param rules what an entry must be like to be used, and how many are
 * @param limits how much is read of the key at most
 * @param timings the intervals and time-outs
 * @param retry the delays after failures. Redis is also read as often as the longest of
 * them says while its channel cannot be subscribed to
 * @param checker how a watcher checks for expired entries
 */
public record RedisRegistrySettings(String key, RegistryLayout layout, Set<String> serviceNames, InstanceRules rules,
		RedisReadLimits limits, RedisRegistryTimings timings, RetryDelays retry, RedisCheckerSettings checker) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public RedisRegistrySettings {
		if (key.isBlank() || RegistryMember.hasControlCharacter(key)) {
			throw new InvalidSettingException("key", "'" + RegistryMember.printable(key) + "'",
					"not blank, no control characters");
		}
		serviceNames = SettingChecks.noneBlank("serviceNames", serviceNames);
	}

	/**
	 * Returns the defaults: the layout {@code gobase-v1}, all services,
	 * {@link InstanceRules#defaults()}, {@link RedisReadLimits#defaults()},
	 * {@link RedisRegistryTimings#defaults()}, {@link RetryDelays#defaults()},
	 * {@link RedisCheckerSettings#defaults()}.
	 * @param key the registry key
	 * @return the defaults
	 * @throws IllegalArgumentException if the key is blank or has control characters
	 */
	public static RedisRegistrySettings defaults(String key) {
		return new RedisRegistrySettings(key, RegistryLayout.GOBASE_V1, Set.of(), InstanceRules.defaults(),
				RedisReadLimits.defaults(), RedisRegistryTimings.defaults(), RetryDelays.defaults(),
				RedisCheckerSettings.defaults());
	}

	/**
	 * Returns these settings for another key.
	 * @param key the registry key
	 * @return the changed copy
	 * @throws IllegalArgumentException if the key is blank or has control characters
	 */
	public RedisRegistrySettings withKey(String key) {
		return new RedisRegistrySettings(key, this.layout, this.serviceNames, this.rules, this.limits, this.timings,
				this.retry, this.checker);
	}

	/**
	 * Returns these settings with another layout.
	 * @param layout the layout that the whole fleet uses
	 * @return the changed copy
	 */
	public RedisRegistrySettings withLayout(RegistryLayout layout) {
		return new RedisRegistrySettings(this.key, layout, this.serviceNames, this.rules, this.limits, this.timings,
				this.retry, this.checker);
	}

	/**
	 * Returns these settings with other services to watch.
	 * @param serviceNames their names; none: all services
	 * @return the changed copy
	 * @throws IllegalArgumentException if a name is blank
	 */
	public RedisRegistrySettings withServiceNames(String... serviceNames) {
		return withServiceNames(Set.copyOf(List.of(serviceNames)));
	}

	/**
	 * Returns these settings with other services to watch.
	 * @param serviceNames their names; empty: all services
	 * @return the changed copy
	 * @throws IllegalArgumentException if a name is blank
	 */
	public RedisRegistrySettings withServiceNames(Set<String> serviceNames) {
		return new RedisRegistrySettings(this.key, this.layout, serviceNames, this.rules, this.limits, this.timings,
				this.retry, this.checker);
	}

	/**
	 * Returns these settings with other rules of what an entry must be like.
	 * @param rules the rules
	 * @return the changed copy
	 */
	public RedisRegistrySettings withRules(InstanceRules rules) {
		return new RedisRegistrySettings(this.key, this.layout, this.serviceNames, rules, this.limits, this.timings,
				this.retry, this.checker);
	}

	/**
	 * Returns these settings with other bounds of what is read.
	 * @param limits the bounds
	 * @return the changed copy
	 */
	public RedisRegistrySettings withLimits(RedisReadLimits limits) {
		return new RedisRegistrySettings(this.key, this.layout, this.serviceNames, this.rules, limits, this.timings,
				this.retry, this.checker);
	}

	/**
	 * Returns these settings with other intervals and time-outs.
	 * @param timings the intervals and time-outs
	 * @return the changed copy
	 */
	public RedisRegistrySettings withTimings(RedisRegistryTimings timings) {
		return new RedisRegistrySettings(this.key, this.layout, this.serviceNames, this.rules, this.limits, timings,
				this.retry, this.checker);
	}

	/**
	 * Returns these settings with other delays after failures.
	 * @param retry the delays
	 * @return the changed copy
	 */
	public RedisRegistrySettings withRetry(RetryDelays retry) {
		return new RedisRegistrySettings(this.key, this.layout, this.serviceNames, this.rules, this.limits,
				this.timings, retry, this.checker);
	}

	/**
	 * Returns these settings with another check for expired entries.
	 * @param checker the check
	 * @return the changed copy
	 */
	public RedisRegistrySettings withChecker(RedisCheckerSettings checker) {
		return new RedisRegistrySettings(this.key, this.layout, this.serviceNames, this.rules, this.limits,
				this.timings, this.retry, checker);
	}

	/** What is watched, for people. */
	String source() {
		return source(this.key);
	}

	/** What is watched under a key, for people. */
	static String source(String key) {
		return "redis key '" + key + "'";
	}

}
