package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.Set;

import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.redis.RedisRegistrySettings;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.validation.annotation.Validated;

/**
 * The Redis registry. Read at start. How to reach Redis is said by spring.data.redis.
 *
 * @param key Registry key in Redis, the same for the whole fleet. Without it, Redis is
 * not used.
 * @param services Names of the services to watch, compared exactly. Empty for all.
 * @param expiry Time after its last heartbeat for which an instance counts as live. Must
 * be equal across the fleet.
 * @param heartbeat Time between two heartbeats of what this application registers.
 * @param rereadInterval Longest time between two reads while nobody tells of a change.
 * @param checker Whether to stand for election as the checker of the key, who tells the
 * others of expired instances.
 * @param responseTimeout Time that an answer of Redis may take.
 * @param closeTimeout Time that the deregistration at shutdown may take.
 * @param maximumMembers Most entries that are taken from the key; what is beyond is
 * refused and reported.
 */
@Validated
@ConfigurationProperties("backend.discovery.redis")
public record RedisDiscoveryProperties(@NotBlank String key, @DefaultValue Set<String> services,
		@DefaultValue("8s") Duration expiry, @DefaultValue("4s") Duration heartbeat,
		@DefaultValue("8s") Duration rereadInterval, @DefaultValue("true") boolean checker,
		@DefaultValue("2s") Duration responseTimeout, @DefaultValue("2s") Duration closeTimeout,
		@DefaultValue("10000") @Min(1) @Max(100_000) int maximumMembers) {

	static final String KEY = "backend.discovery.redis.key";

	private static final Duration SHORTEST = Duration.ofMillis(1);

	private static final Duration LONGEST = Duration.ofDays(1);

	/**
	 * Returns these properties as settings of the engine.
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its range
	 */
	RedisRegistrySettings toSettings() {
		Checks.require(!this.key.isBlank(), KEY, this.key, "not blank");
		Checks.require(this.heartbeat.compareTo(this.expiry) < 0, "backend.discovery.redis.heartbeat", this.heartbeat,
				"less than backend.discovery.redis.expiry, " + this.expiry);
		RedisRegistrySettings.Builder builder = RedisRegistrySettings.builder(this.key)
			.serviceNames(this.services)
			.expiry(inRange("expiry", this.expiry))
			.heartbeatInterval(inRange("heartbeat", this.heartbeat))
			.readInterval(inRange("reread-interval", this.rereadInterval))
			.responseTimeout(inRange("response-timeout", this.responseTimeout))
			.closeTimeout(inRange("close-timeout", this.closeTimeout))
			.checkerEnabled(this.checker)
			.maximumMembers(Checks.require(this.maximumMembers >= 1 && this.maximumMembers <= 100_000,
					"backend.discovery.redis.maximum-members", this.maximumMembers, "1 to 100000"));
		try {
			return builder.build();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConfigurationPropertyValueException(KEY, this.key, ex.getMessage());
		}
	}

	private static Duration inRange(String property, Duration value) {
		return Checks.require(value.compareTo(SHORTEST) >= 0 && value.compareTo(LONGEST) <= 0,
				"backend.discovery.redis." + property, value, "1ms to 1d");
	}

}
