package dev.backend.tcp;

import java.time.Duration;

import dev.backend.settings.SettingChecks;

/**
 * The intervals and time-outs of a {@link TcpBackend}.
 *
 * @param connectTimeout how long making a connection may take: name resolution, TCP and
 * TLS handshake
 * @param readyTimeout how long a connection may take from the begin of its
 * {@code onConnected} to being ready, before it is closed and made again
 * @param backoffInitial the upper end of the wait before the first new attempt; it
 * doubles with each failure. The wait is chosen evenly between zero and the upper end
 * ("full jitter", see M. Brooker, "Exponential Backoff And Jitter", AWS Architecture
 * Blog, 2015)
 * @param backoffMax the largest upper end
 * @param stableAfter how long a connection must have been ready for the back-off to start
 * over
 * @param drainTimeout how long pending requests may take when a service is drained or
 * suspended, or the backend closes
 * @param tickInterval the interval of {@link TcpHandler#onTick}; zero switches ticks off
 * @param idQuarantine how long the id of a request that was given up is not used again on
 * its connection, if its reply does not come before; zero: it is free at once
 */
public record TcpTimings(Duration connectTimeout, Duration readyTimeout, Duration backoffInitial, Duration backoffMax,
		Duration stableAfter, Duration drainTimeout, Duration tickInterval, Duration idQuarantine) {

	/**
	 * Checks the durations.
	 * @throws IllegalArgumentException if one of them is out of range
	 */
	public TcpTimings {
		SettingChecks.positive("connectTimeout", connectTimeout);
		SettingChecks.positive("readyTimeout", readyTimeout);
		SettingChecks.positive("backoffInitial", backoffInitial);
		SettingChecks.positive("backoffMax", backoffMax);
		SettingChecks.notNegative("stableAfter", stableAfter);
		SettingChecks.notNegative("drainTimeout", drainTimeout);
		SettingChecks.notNegative("tickInterval", tickInterval);
		SettingChecks.notNegative("idQuarantine", idQuarantine);
		SettingChecks.atLeast("backoffMax", backoffMax, "backoffInitial", backoffInitial);
	}

	/**
	 * Returns the defaults: connect 5 s, ready 10 s, back-off 100 ms to 10 s, stable
	 * after 10 s, drain 5 s, tick 1 s, id quarantine 30 s.
	 * @return the defaults
	 */
	public static TcpTimings defaults() {
		return new TcpTimings(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(100),
				Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(1),
				Duration.ofSeconds(30));
	}

}
