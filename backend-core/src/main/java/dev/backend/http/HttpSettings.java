package dev.backend.http;

import java.time.Duration;
import java.util.Objects;

import dev.backend.settings.SettingChecks;

/**
 * The settings of a {@link HttpBackend}.
 *
 * @param probe what an instance must do to count as usable
 * @param probeInterval the time between the end of a probe and the beginning of the next,
 * of which up to a tenth more or less is random
 * @param probeTimeout the longest time that a probe may take; then it has failed
 * @param rise how many probes in a row must succeed for an instance that is down to be
 * usable; the first probe of an instance decides alone
 * @param fall how many probes in a row must fail for an instance that is up not to be
 * usable any more
 * @param concurrentProbes how many probes may be under way at once
 * @param ejection when failed requests take an instance off its rings
 */
public record HttpSettings(HttpProbe probe, Duration probeInterval, Duration probeTimeout, int rise, int fall,
		int concurrentProbes, HttpEjection ejection) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if one is not positive; the message names it
	 */
	public HttpSettings {
		Objects.requireNonNull(probe, "probe");
		Objects.requireNonNull(ejection, "ejection");
		SettingChecks.positive("probeInterval", probeInterval);
		SettingChecks.positive("probeTimeout", probeTimeout);
		SettingChecks.positive("rise", rise);
		SettingChecks.positive("fall", fall);
		SettingChecks.positive("concurrentProbes", concurrentProbes);
	}

	/**
	 * Returns the defaults: a TCP connection every second, time-out 3 s, rise 1, fall 2,
	 * at most 256 probes at once, no ejection.
	 * @return the defaults
	 */
	public static HttpSettings defaults() {
		return new HttpSettings(HttpProbe.tcp(), Duration.ofSeconds(1), Duration.ofSeconds(3), 1, 2, 256,
				HttpEjection.off());
	}

	/**
	 * Returns these settings with another probe.
	 * @param probe the probe
	 * @return the changed copy
	 */
	public HttpSettings withProbe(HttpProbe probe) {
		return new HttpSettings(probe, this.probeInterval, this.probeTimeout, this.rise, this.fall,
				this.concurrentProbes, this.ejection);
	}

	/**
	 * Returns these settings with other times.
	 * @param interval the time between two probes
	 * @param timeout the longest time of a probe
	 * @return the changed copy
	 */
	public HttpSettings withTimes(Duration interval, Duration timeout) {
		return new HttpSettings(this.probe, interval, timeout, this.rise, this.fall, this.concurrentProbes,
				this.ejection);
	}

	/**
	 * Returns these settings with other thresholds.
	 * @param rise how many probes must succeed
	 * @param fall how many probes must fail
	 * @return the changed copy
	 */
	public HttpSettings withThresholds(int rise, int fall) {
		return new HttpSettings(this.probe, this.probeInterval, this.probeTimeout, rise, fall, this.concurrentProbes,
				this.ejection);
	}

	/**
	 * Returns these settings with another bound on the probes that are under way at once.
	 * @param concurrentProbes how many there may be
	 * @return the changed copy
	 */
	public HttpSettings withConcurrentProbes(int concurrentProbes) {
		return new HttpSettings(this.probe, this.probeInterval, this.probeTimeout, this.rise, this.fall,
				concurrentProbes, this.ejection);
	}

	/**
	 * Returns these settings with another rule for failed requests.
	 * @param ejection when they take an instance off its rings
	 * @return the changed copy
	 */
	public HttpSettings withEjection(HttpEjection ejection) {
		return new HttpSettings(this.probe, this.probeInterval, this.probeTimeout, this.rise, this.fall,
				this.concurrentProbes, ejection);
	}

}
