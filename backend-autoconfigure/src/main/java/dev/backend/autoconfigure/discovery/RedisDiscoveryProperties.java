package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.redis.RedisCheckerSettings;
import dev.backend.discovery.redis.RedisReadLimits;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisRegistryTimings;
import dev.backend.discovery.redis.RegistryLayout;
import dev.backend.settings.DurationText;
import dev.backend.settings.InvalidSettingException;
import dev.backend.settings.RetryDelays;
import jakarta.validation.constraints.NotBlank;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The Redis registry. Read at start. Configure how to reach Redis with spring.data.redis.
 *
 * @param key Registry key in Redis, the same for the whole fleet. Without it, Redis is
 * not used.
 * @param additionalKeys Further registry keys to watch, each with a checker of its own.
 * This application registers under the key alone; of an instance that stands under
 * several keys, the first wins.
 * @param layout Layout of the registry in Redis, "gobase-v1" or the later "gobase-v2".
 * Must be equal across the fleet.
 * @param services Names of the services to watch, compared exactly. Empty for all.
 * @param expiry Time after its last heartbeat for which an instance counts as live. Must
 * be equal across the fleet.
 * @param heartbeat Time between two heartbeats of what this application registers.
 * @param rereadInterval Longest time between two reads while nobody tells of a change.
 * @param checker Whether to stand for election as the checker of the key, who tells the
 * others of expired instances.
 * @param responseTimeout Time that an answer of Redis may take.
 * @param closeTimeout Time that the deregistration at shutdown may take.
 * @param maximumMemberSize Most bytes of one entry, up to 1MB. A longer one is left out
 * inside Redis and reported.
 * @param maximumReadSize Most bytes of the entries of one read; what is beyond is left
 * out and reported.
 */
@Validated
@ConfigurationProperties("backend.discovery.redis")
public record RedisDiscoveryProperties(@NotBlank String key, @DefaultValue List<String> additionalKeys,
		@DefaultValue("gobase-v1") RegistryLayout layout, @DefaultValue Set<String> services,
		@DefaultValue("8s") Duration expiry, @DefaultValue("4s") Duration heartbeat,
		@DefaultValue("8s") Duration rereadInterval, @DefaultValue("true") boolean checker,
		@DefaultValue("2s") Duration responseTimeout, @DefaultValue("2s") Duration closeTimeout,
		@DefaultValue("8KB") DataSize maximumMemberSize, @DefaultValue("32MB") DataSize maximumReadSize) {

	static final String KEY = "backend.discovery.redis.key";

	private static final String ADDITIONAL_KEYS = "backend.discovery.redis.additional-keys";

	private static final String PREFIX = "backend.discovery.redis.";

	/**
	 * Returns these properties as settings of the engine.
	 * @param rules what an entry must be like
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its range
	 */
	RedisRegistrySettings toSettings(InstanceRules rules) {
		Checks.require(!this.key.isBlank(), KEY, this.key, "not blank");
		try {
			return new RedisRegistrySettings(this.key, this.layout,
					Checks.noneBlank(PREFIX + "services", this.services), rules, limits(), timings(),
					RetryDelays.defaults(),
					this.checker ? RedisCheckerSettings.defaults() : RedisCheckerSettings.off());
		}
		catch (InvalidSettingException ex) {
			throw Checks.refusal(KEY, this.key, ex.expectation());
		}
	}

	private RedisReadLimits limits() {
		int memberBytes = Checks.bytes(PREFIX + "maximum-member-size", this.maximumMemberSize);
		Checks.require(memberBytes >= 64 && memberBytes <= 1 << 20, PREFIX + "maximum-member-size",
				this.maximumMemberSize, "64B to 1MB");
		int totalBytes = Checks.bytes(PREFIX + "maximum-read-size", this.maximumReadSize);
		Checks.require(totalBytes >= memberBytes, PREFIX + "maximum-read-size", this.maximumReadSize,
				"at least " + PREFIX + "maximum-member-size, " + this.maximumMemberSize);
		return new RedisReadLimits(memberBytes, totalBytes);
	}

	private RedisRegistryTimings timings() {
		Duration expiry = Checks.upToOneDay(PREFIX + "expiry", this.expiry);
		Duration heartbeat = Checks.upToOneDay(PREFIX + "heartbeat", this.heartbeat);
		Checks.require(heartbeat.compareTo(expiry) < 0, PREFIX + "heartbeat", heartbeat,
				"less than " + PREFIX + "expiry, " + DurationText.of(expiry));
		return RedisRegistryTimings.defaults()
			.withExpiry(expiry, heartbeat)
			.withReadInterval(Checks.upToOneDay(PREFIX + "reread-interval", this.rereadInterval))
			.withResponseTimeout(Checks.upToOneDay(PREFIX + "response-timeout", this.responseTimeout))
			.withCloseTimeout(Checks.upToOneDay(PREFIX + "close-timeout", this.closeTimeout));
	}

	/**
	 * Returns the same settings for each key to watch.
	 * @param settings the settings of the first key
	 * @return the settings of all keys, in their order
	 * @throws InvalidConfigurationPropertyValueException if a key is malformed or there
	 * twice
	 */
	List<RedisRegistrySettings> watched(RedisRegistrySettings settings) {
		Map<String, RedisRegistrySettings> watched = new LinkedHashMap<>(Map.of(settings.key(), settings));
		for (String key : this.additionalKeys) {
			Checks.require(!watched.containsKey(key), ADDITIONAL_KEYS, key, "another key than the rest");
			try {
				watched.put(key, settings.withKey(key));
			}
			catch (InvalidSettingException ex) {
				throw Checks.refusal(ADDITIONAL_KEYS, key, ex.expectation());
			}
		}
		return List.copyOf(watched.values());
	}

}
