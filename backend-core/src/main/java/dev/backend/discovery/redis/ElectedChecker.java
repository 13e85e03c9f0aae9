package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.UUID;

import dev.backend.discovery.DiscoveryHealth;
import dev.backend.discovery.redis.RedisWatch.Concern;
import dev.backend.discovery.redis.RegistryScripts.CheckResult;

/**
 * Stands for election as the key's checker and, while elected, tells the readers of
 * entries that expired. Runs on its own loop, so that a check never delays a read; rests
 * while Redis does not answer or another layout uses the key.
 */
final class ElectedChecker {

	private final String id = UUID.randomUUID().toString();

	private final RedisRegistrySettings settings;

	private final RegistryScripts scripts;

	private final DiscoveryHealth health;

	private final ExpiryEvidence evidence;

	ElectedChecker(RedisRegistrySettings settings, RegistryScripts scripts, DiscoveryHealth health,
			ExpiryEvidence evidence) {
		this.settings = settings;
		this.scripts = scripts;
		this.health = health;
		this.evidence = evidence;
	}

	/**
	 * Runs one check.
	 * @return the time until the next one
	 */
	Duration run() {
		if (!this.health.isUp() || this.health.hasWarning(Concern.LAYOUT)) {
			return this.settings.checker().checkInterval();
		}
		try {
			CheckResult result = this.scripts.check(this.id);
			this.health.warn(Concern.CHECKER, null);
			if (result == CheckResult.UNCHANGED || result == CheckResult.CHANGED) {
				this.evidence.looked();
			}
			this.evidence.accepted();
			return (result == CheckResult.STANDBY) ? this.settings.checker().standbyInterval()
					: this.settings.checker().checkInterval();
		}
		catch (RuntimeException ex) {
			return failed(RedisFailure.of(ex));
		}
	}

	/**
	 * The watch sees by itself that Redis is gone, and is told that it takes no writes;
	 * another refusal concerns the check alone.
	 */
	private Duration failed(RedisFailure failure) {
		if (failure.mayBeTheConnection()) {
			return this.settings.checker().checkInterval();
		}
		if (failure.isOfAllWrites()) {
			this.evidence.refused(failure.message());
			return this.settings.checker().checkInterval();
		}
		this.evidence.notChecking();
		this.health.warn(Concern.CHECKER,
				failure.message() + " (the check of expired entries; it can be switched off)");
		return this.settings.checker().standbyInterval();
	}

}
