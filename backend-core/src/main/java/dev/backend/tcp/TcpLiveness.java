package dev.backend.tcp;

import java.time.Duration;

import dev.backend.settings.SettingChecks;

/**
 * When the connection of a peer that says nothing more counts as dead, and how often the
 * peer hears from this side. A dead connection is closed and made again.
 *
 * <p>
 * The durations are checked about once a second, or four times within the shortest of
 * them; a change applies from the next check on. A check that comes late, because the
 * process was stopped for a while, gives every connection the full time again, and sends
 * at once what the peers should have heard.
 *
 * <p>
 * Silence counts while a service is ready or draining: before, the
 * {@linkplain TcpTimings#readyTimeout() ready time-out} watches it. It does not count
 * while this side has stopped reading, because the handler is behind or all connections
 * hold as many bytes as they may. A peer that is slow to take a backlog of bytes, but
 * takes them, is not silent for heartbeats.
 *
 * <p>
 * There is one {@link dev.backend.codec.MessageCodec#heartbeat() heartbeat} for two ends.
 * By {@code heartbeatInterval} the peer is asked when it is silent; by
 * {@code writeIdleInterval} the peer hears from this side even if it speaks all the time.
 * One that is sent for either counts for both. If the peer does not answer heartbeats, as
 * in FIX, switch {@code heartbeatInterval} off and set {@code readIdleTimeout}.
 *
 * @param heartbeatInterval how long a connection may be silent before the heartbeat of
 * the codec is sent, again each time that this has passed; zero switches that off.
 * Without effect if the codec has none
 * @param heartbeatTimeout how long a connection may be silent, although heartbeats are
 * sent, before it is closed; a peer has at least the difference to the interval to answer
 * the first. Without effect if heartbeats cannot be sent
 * @param readIdleTimeout how long a connection may be silent before it is closed,
 * heartbeats or not; zero switches this off
 * @param writeIdleInterval the longest time in which this side writes nothing to a
 * connection, whatever is read: the heartbeat of the codec is sent before it is over, up
 * to three checks early, so that the next check may come late. Take the limit of the
 * peer, less what the network may delay. Only while the service is ready or draining,
 * since before, what may be sent is the login's to know; also while this side has stopped
 * reading. No heartbeat joins bytes that wait for the peer to take them. Zero, the
 * default, switches this off
 * @param writeProgressTimeout how long written bytes may wait without the peer's system
 * taking any before the connection is closed; zero switches this off. Where the transport
 * has it, this is {@code TCP_USER_TIMEOUT} (RFC 5482) of new connections, too
 */
public record TcpLiveness(Duration heartbeatInterval, Duration heartbeatTimeout, Duration readIdleTimeout,
		Duration writeIdleInterval, Duration writeProgressTimeout) {

	/**
	 * Checks the durations.
	 * @throws IllegalArgumentException if one of them is negative, or the heartbeat
	 * time-out is not longer than the interval
	 */
	public TcpLiveness {
		SettingChecks.notNegative("heartbeatInterval", heartbeatInterval);
		SettingChecks.notNegative("heartbeatTimeout", heartbeatTimeout);
		SettingChecks.notNegative("readIdleTimeout", readIdleTimeout);
		SettingChecks.notNegative("writeIdleInterval", writeIdleInterval);
		SettingChecks.notNegative("writeProgressTimeout", writeProgressTimeout);
		if (!heartbeatInterval.isZero()) {
			SettingChecks.moreThan("heartbeatTimeout", heartbeatTimeout, "heartbeatInterval", heartbeatInterval);
		}
	}

	/**
	 * Returns the defaults: heartbeat after 3 s, dead after 8 s with heartbeats, never
	 * without, and after 10 s without write progress; nothing is sent only to be heard.
	 * @return the defaults
	 */
	public static TcpLiveness defaults() {
		return new TcpLiveness(Duration.ofSeconds(3), Duration.ofSeconds(8), Duration.ZERO, Duration.ZERO,
				Duration.ofSeconds(10));
	}

}
