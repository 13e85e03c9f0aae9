package dev.backend.tcp;

import dev.backend.settings.SettingChecks;

/**
 * The bounds of a {@link TcpBackend}. What reaches one is refused or slowed down, by
 * name.
 *
 * @param queuedMessages the messages of one service that wait to be encoded; further
 * sends are refused
 * @param outboundBytes the encoded bytes of one connection that are not written yet;
 * encoding pauses where one more frame could exceed them, but not below half of them
 * @param pendingRequests the requests of one connection without a reply; further ones are
 * refused. Also how many ids of requests that were given up may be in quarantine
 * @param inboundMessages the arrived messages of one service that wait for the handler;
 * reading pauses until half of them are handled
 * @param readAheadBytes the bytes of the messages of one connection that are handed over
 * beyond that, while reading goes on for the sake of replies, a login or control
 * messages; 0 for one frame
 * @param frameBytes the size of one encoded message, either way; a larger one is refused,
 * or closes the connection it arrived on
 * @param concurrentDials the connections of the backend that are being made at once,
 * logins included; 0 for twice as many as handlers run at once, or 1,024 where they are
 * not bounded: with a handler executor of the user's, such as of virtual threads, and
 * where the handler {@linkplain TcpHandler#marksReady() marks readiness} itself
 * @param totalBytes the bytes of all connections of the backend that are encoded and not
 * written yet, or have arrived and are not decoded yet, or were read ahead of a handler;
 * then those that hold more than their share of 64 KiB are not read, and sends to them
 * are refused. 0 for no bound
 */
public record TcpLimits(int queuedMessages, int outboundBytes, int pendingRequests, int inboundMessages,
		int readAheadBytes, int frameBytes, int concurrentDials, long totalBytes) {

	/**
	 * Checks the bounds.
	 * @throws IllegalArgumentException if one of them is not positive, or one that may be
	 * 0 is negative
	 */
	public TcpLimits {
		SettingChecks.positive("queuedMessages", queuedMessages);
		SettingChecks.positive("outboundBytes", outboundBytes);
		SettingChecks.positive("pendingRequests", pendingRequests);
		SettingChecks.positive("inboundMessages", inboundMessages);
		SettingChecks.inRange("readAheadBytes", readAheadBytes, 0, Integer.MAX_VALUE);
		SettingChecks.positive("frameBytes", frameBytes);
		SettingChecks.inRange("concurrentDials", concurrentDials, 0, Integer.MAX_VALUE);
		SettingChecks.require(totalBytes >= 0, "totalBytes", totalBytes, ">= 0");
	}

	/**
	 * Returns the defaults: 16,384 queued messages, 4 MiB outbound, 65,536 pending
	 * requests, 1,024 inbound messages and one frame beyond them, frames of 1 MiB, dials
	 * as handlers run at once, and no bound of the bytes of all connections.
	 * @return the defaults
	 */
	public static TcpLimits defaults() {
		return new TcpLimits(16_384, 4 << 20, 65_536, 1_024, 0, 1 << 20, 0, 0);
	}

	/**
	 * Returns these bounds with another bound of messages that wait to be encoded.
	 * @param queuedMessages the messages of one service
	 * @return the changed copy
	 */
	public TcpLimits withQueuedMessages(int queuedMessages) {
		return new TcpLimits(queuedMessages, this.outboundBytes, this.pendingRequests, this.inboundMessages,
				this.readAheadBytes, this.frameBytes, this.concurrentDials, this.totalBytes);
	}

	/**
	 * Returns these bounds with another bound of bytes that are not written yet.
	 * @param outboundBytes the bytes of one connection
	 * @return the changed copy
	 */
	public TcpLimits withOutboundBytes(int outboundBytes) {
		return new TcpLimits(this.queuedMessages, outboundBytes, this.pendingRequests, this.inboundMessages,
				this.readAheadBytes, this.frameBytes, this.concurrentDials, this.totalBytes);
	}

	/**
	 * Returns these bounds with another bound of requests without a reply.
	 * @param pendingRequests the requests of one connection
	 * @return the changed copy
	 */
	public TcpLimits withPendingRequests(int pendingRequests) {
		return new TcpLimits(this.queuedMessages, this.outboundBytes, pendingRequests, this.inboundMessages,
				this.readAheadBytes, this.frameBytes, this.concurrentDials, this.totalBytes);
	}

	/**
	 * Returns these bounds with another bound of messages that wait for the handler.
	 * @param inboundMessages the messages of one service
	 * @return the changed copy
	 */
	public TcpLimits withInboundMessages(int inboundMessages) {
		return new TcpLimits(this.queuedMessages, this.outboundBytes, this.pendingRequests, inboundMessages,
				this.readAheadBytes, this.frameBytes, this.concurrentDials, this.totalBytes);
	}

	/**
	 * Returns these bounds with another bound of what is read beyond the one of inbound
	 * messages.
	 * @param readAheadBytes the bytes of one connection, or 0 for one frame
	 * @return the changed copy
	 */
	public TcpLimits withReadAheadBytes(int readAheadBytes) {
		return new TcpLimits(this.queuedMessages, this.outboundBytes, this.pendingRequests, this.inboundMessages,
				readAheadBytes, this.frameBytes, this.concurrentDials, this.totalBytes);
	}

	/**
	 * Returns these bounds with another bound of a frame.
	 * @param frameBytes the bytes of one encoded message
	 * @return the changed copy
	 */
	public TcpLimits withFrameBytes(int frameBytes) {
		return new TcpLimits(this.queuedMessages, this.outboundBytes, this.pendingRequests, this.inboundMessages,
				this.readAheadBytes, frameBytes, this.concurrentDials, this.totalBytes);
	}

	/**
	 * Returns these bounds with another bound of dials at once.
	 * @param concurrentDials the connections of the backend, or 0 for the default
	 * @return the changed copy
	 */
	public TcpLimits withConcurrentDials(int concurrentDials) {
		return new TcpLimits(this.queuedMessages, this.outboundBytes, this.pendingRequests, this.inboundMessages,
				this.readAheadBytes, this.frameBytes, concurrentDials, this.totalBytes);
	}

	/**
	 * Returns these bounds with another one of the bytes of all connections.
	 * @param totalBytes the bound, or 0 for none
	 * @return the changed copy
	 */
	public TcpLimits withTotalBytes(long totalBytes) {
		return new TcpLimits(this.queuedMessages, this.outboundBytes, this.pendingRequests, this.inboundMessages,
				this.readAheadBytes, this.frameBytes, this.concurrentDials, totalBytes);
	}

	/**
	 * Where encoding pauses: one more frame, of whatever size, stays within the bound.
	 */
	int outboundHighMark() {
		return Math.max(this.outboundBytes - this.frameBytes, (this.outboundBytes + 1) / 2);
	}

	/** How far reading goes on past the pause. */
	int readAhead() {
		return (this.readAheadBytes > 0) ? this.readAheadBytes : this.frameBytes;
	}

}
