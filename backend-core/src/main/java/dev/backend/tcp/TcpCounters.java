package dev.backend.tcp;

import java.util.concurrent.atomic.LongAdder;

/**
 * What happened to the services of one name, as counts since the backend started, or
 * since the name came back after more than an hour. Safe for use by any thread; event
 * loops add to it once per batch, not once per message.
 */
public final class TcpCounters {

	final LongAdder dials = new LongAdder();

	final LongAdder dialFailures = new LongAdder();

	final LongAdder connects = new LongAdder();

	final LongAdder reconnects = new LongAdder();

	final LongAdder disconnects = new LongAdder();

	final LongAdder sentMessages = new LongAdder();

	final LongAdder sentBytes = new LongAdder();

	final LongAdder receivedMessages = new LongAdder();

	final LongAdder receivedBytes = new LongAdder();

	final LongAdder replies = new LongAdder();

	final LongAdder timeouts = new LongAdder();

	final LongAdder lost = new LongAdder();

	final LongAdder rejected = new LongAdder();

	final LongAdder dropped = new LongAdder();

	final LongAdder unmatchedReplies = new LongAdder();

	final LongAdder handlerErrors = new LongAdder();

	final LongAdder heartbeats = new LongAdder();

	final LongAdder closedForSilence = new LongAdder();

	final LongAdder closedForNoProgress = new LongAdder();

	final LongAdder skippedConnections = new LongAdder();

	final LongAdder unhandledMessages = new LongAdder();

	final LongAdder codecErrors = new LongAdder();

	TcpCounters() {
	}

	/**
	 * Returns how often a connection was tried.
	 * @return the count
	 */
	public long dials() {
		return this.dials.sum();
	}

	/**
	 * Returns how often a connection could not be made.
	 * @return the count
	 */
	public long dialFailures() {
		return this.dialFailures.sum();
	}

	/**
	 * Returns how often a connection came up.
	 * @return the count
	 */
	public long connects() {
		return this.connects.sum();
	}

	/**
	 * Returns how often a connection came up of a service that had one before. They are
	 * also among the connects.
	 * @return the count
	 */
	public long reconnects() {
		return this.reconnects.sum();
	}

	/**
	 * Returns how often a connection was lost or closed.
	 * @return the count
	 */
	public long disconnects() {
		return this.disconnects.sum();
	}

	/**
	 * Returns how many messages were handed to the transport.
	 * @return the count
	 */
	public long sentMessages() {
		return this.sentMessages.sum();
	}

	/**
	 * Returns how many bytes were handed to the transport.
	 * @return the count
	 */
	public long sentBytes() {
		return this.sentBytes.sum();
	}

	/**
	 * Returns how many messages arrived, replies included.
	 * @return the count
	 */
	public long receivedMessages() {
		return this.receivedMessages.sum();
	}

	/**
	 * Returns how many bytes arrived.
	 * @return the count
	 */
	public long receivedBytes() {
		return this.receivedBytes.sum();
	}

	/**
	 * Returns how many requests ended with their reply.
	 * @return the count
	 */
	public long replies() {
		return this.replies.sum();
	}

	/**
	 * Returns how many requests timed out.
	 * @return the count
	 */
	public long timeouts() {
		return this.timeouts.sum();
	}

	/**
	 * Returns how many requests ended because their connection went away.
	 * @return the count
	 */
	public long lost() {
		return this.lost.sum();
	}

	/**
	 * Returns how many sends and requests were refused.
	 * @return the count
	 */
	public long rejected() {
		return this.rejected.sum();
	}

	/**
	 * Returns how many accepted messages without a reply were not written, because their
	 * connection went away first.
	 * @return the count
	 */
	public long dropped() {
		return this.dropped.sum();
	}

	/**
	 * Returns how many replies found no pending request: they came too late, or their id
	 * is unknown.
	 * @return the count
	 */
	public long unmatchedReplies() {
		return this.unmatchedReplies.sum();
	}

	/**
	 * Returns how many times a handler, a tick, a scope or an order key threw.
	 * @return the count
	 */
	public long handlerErrors() {
		return this.handlerErrors.sum();
	}

	/**
	 * Returns how many heartbeats were queued. They are also among the sent messages.
	 * @return the count
	 */
	public long heartbeats() {
		return this.heartbeats.sum();
	}

	/**
	 * Returns how many connections were closed because their peer had been silent for the
	 * heartbeat time-out or the read idle time-out. They are also among the disconnects.
	 * @return the count
	 */
	public long closedForSilence() {
		return this.closedForSilence.sum();
	}

	/**
	 * Returns how many connections were closed because their peer took, or its system
	 * acknowledged, nothing for the write progress time-out. They are also among the
	 * disconnects.
	 * @return the count
	 */
	public long closedForNoProgress() {
		return this.closedForNoProgress.sum();
	}

	/**
	 * Returns how many connections ended before their {@code onConnected} began, which is
	 * not called then. They are also among the connects and the disconnects.
	 * @return the count
	 */
	public long skippedConnections() {
		return this.skippedConnections.sum();
	}

	/**
	 * Returns how many messages arrived that no handler was given: their connection was
	 * skipped, or it had ended and the handler did not go on with what waited.
	 * @return the count
	 */
	public long unhandledMessages() {
		return this.unhandledMessages.sum();
	}

	/**
	 * Returns how many times what arrived could not be decoded, which ends the connection
	 * each time, a message could not be encoded, which is also among the refused ones, or
	 * a codec could not be made for a connection or closed with it.
	 * @return the count
	 */
	public long codecErrors() {
		return this.codecErrors.sum();
	}

}
