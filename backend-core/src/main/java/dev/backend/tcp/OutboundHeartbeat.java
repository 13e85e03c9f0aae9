package dev.backend.tcp;

import dev.backend.SendRejectedException;

/**
 * The heartbeat of a connection. What becomes of it is told to its {@link Owner} and
 * counts to no caller: it is neither among the refused messages nor among the dropped
 * ones.
 *
 * @param <M> the type of the messages
 */
final class OutboundHeartbeat<M> extends OutboundMessage<M> {

	private final Owner owner;

	OutboundHeartbeat(M message, Owner owner) {
		super(message);
		this.owner = owner;
	}

	@Override
	void encoded() {
		this.owner.heartbeatEncoded();
	}

	/** It is not written. */
	void rejected(SendRejectedException rejection, boolean closes) {
		this.owner.heartbeatRejected(rejection, closes);
	}

	/** Whose heartbeat it is. */
	interface Owner {

		/** The bytes of the heartbeat that waited are about to be written. */
		void heartbeatEncoded();

		/**
		 * The heartbeat that waited is not written.
		 * @param rejection why
		 * @param closes whether the connection is closed for that
		 */
		void heartbeatRejected(SendRejectedException rejection, boolean closes);

	}

}
