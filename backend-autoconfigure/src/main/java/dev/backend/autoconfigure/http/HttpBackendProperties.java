package dev.backend.autoconfigure.http;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

import dev.backend.autoconfigure.Checks;
import dev.backend.autoconfigure.ConsistentHashes;
import dev.backend.autoconfigure.HealthRule;
import dev.backend.autoconfigure.fleet.FleetProperties;
import dev.backend.http.HttpEjection;
import dev.backend.http.HttpProbe;
import dev.backend.http.HttpSettings;
import dev.backend.routing.ConsistentHash;
import dev.backend.settings.DurationText;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.StringUtils;
import org.springframework.validation.annotation.Validated;

/**
 * The backends of services that are reached over HTTP.
 *
 * @param enabled Whether to make a HttpBackend, which probes every HTTP instance that
 * discovery lists. A fleet may say otherwise for itself.
 * @param services Names of the services that the backend serves, in which * stands for
 * any characters. Needed for each of several fleets. Empty: all.
 * @param fleets Services that are served apart from each other, by the name of the fleet,
 * each by a HttpBackend of its own. A fleet may have every property of backend.http; what
 * it does not have it takes from there.
 * @param consistentHash Algorithm that decides which instance owns a key. Must be equal
 * in all applications that route the same keys.
 * @param awaitReady Longest time that start-up waits, before the web server starts, for
 * the first snapshot of discovery and the first probe of each instance in it. Zero: it
 * does not wait.
 * @param probe What an instance must do to count as usable.
 * @param ejection When failed requests take an instance off its rings.
 * @param ssl How GET probes of https instances are encrypted.
 * @param route How the requests of HTTP clients find their instance.
 * @param loadBalancer What Spring Cloud LoadBalancer picks by the rings.
 * @param health When the services count as healthy.
 */
@Validated
@ConfigurationProperties("backend.http")
public record HttpBackendProperties(@DefaultValue("false") boolean enabled, @DefaultValue Set<String> services,
		@DefaultValue Map<String, @Valid HttpBackendProperties> fleets,
		@DefaultValue(ConsistentHashes.BALANCED) String consistentHash, @DefaultValue("5s") Duration awaitReady,
		@DefaultValue @Valid Probe probe, @DefaultValue @Valid Ejection ejection, @DefaultValue @Valid Ssl ssl,
		@DefaultValue @Valid ClientRoute route, @DefaultValue LoadBalancer loadBalancer,
		@DefaultValue @Valid Health health) implements FleetProperties {

	private static final String PROBE = "backend.http.probe.";

	private static final String EJECTION = "backend.http.ejection.";

	/**
	 * Returns these properties as settings of the engine.
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its range
	 */
	HttpSettings toSettings() {
		return new HttpSettings(this.probe.toProbe(), Checks.positive(PROBE + "interval", this.probe.interval()),
				Checks.positive(PROBE + "timeout", this.probe.timeout()),
				Checks.positive(PROBE + "rise", this.probe.rise()), Checks.positive(PROBE + "fall", this.probe.fall()),
				Checks.positive(PROBE + "concurrency", this.probe.concurrency()), this.ejection.toEjection());
	}

	/**
	 * Returns the algorithm of the rings, where no bean says another.
	 * @return the algorithm
	 * @throws InvalidConfigurationPropertyValueException if there is none of that name
	 */
	ConsistentHash toConsistentHash() {
		return ConsistentHashes.of("backend.http.consistent-hash", this.consistentHash);
	}

	/**
	 * What an instance must do to count as usable.
	 *
	 * @param path Path to GET, such as /actuator/health/readiness. A TCP connection is
	 * enough if not set.
	 * @param lowestStatus Lowest status of the answer that is good.
	 * @param highestStatus Highest status of the answer that is good.
	 * @param interval Time between two probes of an instance, of which up to a tenth is
	 * random.
	 * @param timeout Time that a probe may take.
	 * @param rise Probes in a row that must succeed for an instance that is down to be
	 * used again.
	 * @param fall Probes in a row that must fail for an instance not to be used any more.
	 * @param concurrency Probes that may be under way at once.
	 */
	public record Probe(@Nullable String path, @DefaultValue("200") int lowestStatus,
			@DefaultValue("299") int highestStatus, @DefaultValue("1s") Duration interval,
			@DefaultValue("3s") Duration timeout, @DefaultValue("1") @Positive int rise,
			@DefaultValue("2") @Positive int fall, @DefaultValue("256") @Positive int concurrency) {

		private HttpProbe toProbe() {
			Checks.require(this.highestStatus >= 100 && this.highestStatus <= 599, PROBE + "highest-status",
					this.highestStatus, "100 to 599");
			Checks.require(this.lowestStatus >= 100 && this.lowestStatus <= this.highestStatus, PROBE + "lowest-status",
					this.lowestStatus, "100 to backend.http.probe.highest-status, " + this.highestStatus);
			if (!StringUtils.hasText(this.path)) {
				return HttpProbe.tcp();
			}
			Checks.require(this.path.startsWith("/"), PROBE + "path", this.path, "begins with /");
			return HttpProbe.get(this.path).expecting(this.lowestStatus, this.highestStatus);
		}

	}

	/**
	 * When failed requests take an instance off its rings.
	 *
	 * @param enabled Whether to take an instance off its rings for a while when requests
	 * to it fail, although its probe succeeds.
	 * @param consecutiveFailures Requests in a row that must fail.
	 * @param baseTime Time that the first ejection of an instance lasts. It doubles with
	 * each that follows.
	 * @param maximumTime Longest time of an ejection.
	 * @param maximumPercent Part of the instances of a group whose probe succeeds that
	 * may be ejected at once, in percent, 50 at most.
	 * @param cancelledAfter Time without an answer from which on a request that its
	 * caller cancels, such as by Mono.timeout, counts as failed. Zero: it never does.
	 */
	public record Ejection(@DefaultValue("false") boolean enabled, @DefaultValue("5") @Positive int consecutiveFailures,
			@DefaultValue("30s") Duration baseTime, @DefaultValue("5m") Duration maximumTime,
			@DefaultValue("50") @Positive int maximumPercent, @DefaultValue("0s") Duration cancelledAfter) {

		private HttpEjection toEjection() {
			Checks.notNegative(EJECTION + "cancelled-after", this.cancelledAfter);
			return new HttpEjection(this.enabled,
					Checks.positive(EJECTION + "consecutive-failures", this.consecutiveFailures),
					Checks.positive(EJECTION + "base-time", this.baseTime),
					Checks.require(this.maximumTime.compareTo(this.baseTime) >= 0, EJECTION + "maximum-time",
							this.maximumTime,
							"at least backend.http.ejection.base-time, " + DurationText.of(this.baseTime)),
					Checks.require(this.maximumPercent >= 1 && this.maximumPercent <= 50, EJECTION + "maximum-percent",
							this.maximumPercent, "1 to 50"));
		}
	}

	/**
	 * How GET probes of https instances are encrypted.
	 *
	 * @param enabled Whether to set keys and trust of the probes. Enabled automatically
	 * if "bundle" is provided unless specified otherwise.
	 * @param bundle SSL bundle name. Without one, the system's default trust is used.
	 * @param verifyHostname Whether the certificate of an instance must name its address.
	 */
	public record Ssl(@Nullable Boolean enabled, @Nullable String bundle,
			@DefaultValue("true") boolean verifyHostname) {

		boolean isEnabled() {
			return (this.enabled != null) ? this.enabled : StringUtils.hasText(this.bundle);
		}

	}

	/**
	 * How the requests of HTTP clients find their instance.
	 *
	 * @param keyHeader Header with the hash key, where no request attribute has it.
	 * @param tagHeader Header with the routing tag, where no request attribute has it.
	 * @param services Names of the services to which every auto-configured HTTP client
	 * leads the requests with that host name. Whoever may write to the registry can take
	 * over requests to these names, and to no others.
	 * @param allowDowngrade Whether a request to an https URI may go to an instance that
	 * is registered with http, and so without encryption. It fails otherwise.
	 */
	public record ClientRoute(@DefaultValue("X-Route-Key") @NotBlank String keyHeader,
			@DefaultValue("X-Route-Tag") @NotBlank String tagHeader, @DefaultValue Set<String> services,
			@DefaultValue("false") boolean allowDowngrade) {

	}

	/**
	 * What Spring Cloud LoadBalancer picks by the rings.
	 *
	 * @param enabled Whether Spring Cloud LoadBalancer, and so LoadBalanced clients and
	 * lb routes of Spring Cloud Gateway, picks the instance that owns a key.
	 * @param services Names of the services for which it does. Empty: all.
	 */
	public record LoadBalancer(@DefaultValue("false") boolean enabled, @DefaultValue Set<String> services) {

	}

	/**
	 * When the services count as healthy.
	 *
	 * @param rule How many of the known instances of each group must be usable.
	 * @param requiredServices Names of the services that must be known, and to which the
	 * rule applies. Empty: it applies to all that are known. What stands above all fleets
	 * concerns the fleet that claims it.
	 */
	public record Health(@DefaultValue("any") HealthRule rule, @DefaultValue Set<String> requiredServices) {

	}

}
