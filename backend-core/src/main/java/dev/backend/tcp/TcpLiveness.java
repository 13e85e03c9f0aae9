package dev.backend.tcp;

import java.time.Duration;

import dev.backend.settings.SettingChecks;

/**
 * When the connection of a peer that says nothing more counts as dead. Such a connection
 * is closed and made again.
 *
 * <p>
 * The time-outs are checked about once a second, or four times within the shortest of
 * them; a change applies from the next check on. A check that comes late, because the
 * process was stopped for a while, gives every connection the full time again.
 *
 * <p>
 * Silence counts while a service is ready or draining: before, the
 * {@linkplain TcpTimings#readyTimeout() ready time-out} watches it. It does not count
 * while this side has stopped reading, because the handler is behind. A peer that is slow
 * to take a backlog of bytes, but takes them, is not silent for heartbeats.
 *
 * @param heartbeatInterval how long a connection may be silent before the
 * {@link dev.backend.codec.MessageCodec#heartbeat() heartbeat} of the codec is sent,
 * again each time that this has passed; zero switches heartbeats off. Without effect if
 * the codec has none
 * @param heartbeatTimeout how long a connection may be silent, although heartbeats are
 * sent, before it is closed; a peer has at least the difference to the interval to answer
 * the first
 * @param readIdleTimeout how long a connection may be silent before it is closed,
 * heartbeats or not; zero switches this off
 * @param writeProgressTimeout how long written bytes may wait without the peer's system
 * taking any before the connection is closed; zero switches this off. Where the transport
 * has it, this is {@code TCP_USER_TIMEOUT} (RFC 5482) of new connections, too
 */
public record TcpLiveness(Duration heartbeatInterval, Duration heartbeatTimeout, Duration readIdleTimeout,
		Duration writeProgressTimeout) {

	/**
	 * Checks the durations.
	 * @throws IllegalArgumentException if one of them is negative, or the heartbeat
	 * time-out is not longer than the interval
	 */
	public TcpLiveness {
		SettingChecks.notNegative("heartbeatInterval", heartbeatInterval);
		SettingChecks.notNegative("heartbeatTimeout", heartbeatTimeout);
		SettingChecks.notNegative("readIdleTimeout", readIdleTimeout);
		SettingChecks.notNegative("writeProgressTimeout", writeProgressTimeout);
		if (!heartbeatInterval.isZero()) {
			SettingChecks.moreThan("heartbeatTimeout", heartbeatTimeout, "heartbeatInterval", heartbeatInterval);
		}
	}

	/**
	 * Returns the defaults: heartbeat after 3 s, dead after 8 s with heartbeats, never
	 * without, and after 10 s without write progress.
	 * @return the defaults
	 */
	public static TcpLiveness defaults() {
		return new TcpLiveness(Duration.ofSeconds(3), Duration.ofSeconds(8), Duration.ZERO, Duration.ofSeconds(10));
	}

}
