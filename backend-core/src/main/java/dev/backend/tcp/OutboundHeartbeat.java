package dev.backend.tcp;

import dev.backend.SendRejectedException;

/**
 * The heartbeat of a connection. What becomes of it is told to its {@link LinkLiveness}
 * and counts to no caller: it is neither among the refused messages nor among the dropped
 * ones.
 *
 * @param <M> the type of the messages
 */
final class OutboundHeartbeat<M> extends OutboundMessage<M> {

	private final LinkLiveness<M> liveness;

	OutboundHeartbeat(M message, LinkLiveness<M> liveness) {
		super(message);
		this.liveness = liveness;
	}

	@Override
	void encoded() {
		this.liveness.heartbeatEncoded();
	}

	/**
	 * It is not written.
	 * @param rejection why
	 * @param closes whether the connection is closed for that
	 */
	void rejected(SendRejectedException rejection, boolean closes) {
		this.liveness.heartbeatRejected(rejection, closes);
	}

}
