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
 * refused
 * @param inboundMessages the arrived messages of one service that wait for the handler;
 * reading pauses until half of them are handled
 * @param frameBytes the size of one encoded message, either way; a larger one is refused,
 * or closes the connection it arrived on
 * @param concurrentDials the connections of the backend that are being made at once
 */
public record TcpLimits(int queuedMessages, int outboundBytes, int pendingRequests, int inboundMessages, int frameBytes,
		int concurrentDials) {

	/**
	 * Checks the bounds.
	 * @throws IllegalArgumentException if one of them is not positive
	 */
	public TcpLimits {
		SettingChecks.positive("queuedMessages", queuedMessages);
		SettingChecks.positive("outboundBytes", outboundBytes);
		SettingChecks.positive("pendingRequests", pendingRequests);
		SettingChecks.positive("inboundMessages", inboundMessages);
		SettingChecks.positive("frameBytes", frameBytes);
		SettingChecks.positive("concurrentDials", concurrentDials);
	}

	/**
	 * Returns the defaults: 16,384 queued messages, 4 MiB outbound, 65,536 pending
	 * requests, 1,024 inbound messages, frames of 1 MiB, 64 dials.
	 * @return the defaults
	 */
	public static TcpLimits defaults() {
		return new TcpLimits(16_384, 4 << 20, 65_536, 1_024, 1 << 20, 64);
	}

	/**
	 * Where encoding pauses: one more frame, of whatever size, stays within the bound.
	 */
	int outboundHighMark() {
		return Math.max(this.outboundBytes - this.frameBytes, (this.outboundBytes + 1) / 2);
	}

}
