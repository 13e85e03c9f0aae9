package dev.backend.tcp;

import dev.backend.Availability;

/**
 * Where an instance is in the life of its connection.
 */
public enum TcpState {

	/** Known from discovery; no connection was tried yet. */
	DISCOVERED(Availability.UNAVAILABLE),

	/** A connection is being made, or waits for its turn among the dials. */
	CONNECTING(Availability.UNAVAILABLE),

	/** Connected; the handshake or login of the handler is not finished. */
	CONNECTED(Availability.UNAVAILABLE),

	/** Connected and usable: on the rings. */
	READY(Availability.READY),

	/** Not connected; the next attempt waits for its time. */
	BACKOFF(Availability.UNAVAILABLE),

	/** Off the rings; what is pending may still finish. */
	DRAINING(Availability.DRAINING),

	/** Suspended by an operator: there is no connection, and none is made. */
	SUSPENDED(Availability.UNAVAILABLE),

	/** Gone for good. */
	CLOSED(Availability.CLOSED);

	private final Availability availability;

	TcpState(Availability availability) {
		this.availability = availability;
	}

	/**
	 * Returns whether an instance in this state may be chosen.
	 * @return the availability
	 */
	public Availability availability() {
		return this.availability;
	}

	/**
	 * Returns whether a connection exists in this state.
	 * @return whether it does; sends are accepted in the last two of the three only
	 */
	public boolean connected() {
		return this == CONNECTED || this == READY || this == DRAINING;
	}

	boolean canMoveTo(TcpState next) {
		return switch (this) {
			case DISCOVERED, BACKOFF -> next == CONNECTING || next == SUSPENDED || next == CLOSED;
			case CONNECTING -> next == CONNECTED || next == BACKOFF || next == SUSPENDED || next == CLOSED;
			case CONNECTED -> next == READY || next == BACKOFF || next == DRAINING || next == CLOSED;
			case READY -> next == BACKOFF || next == DRAINING || next == CLOSED;
			case DRAINING -> next == READY || next == BACKOFF || next == SUSPENDED || next == CLOSED;
			case SUSPENDED -> next == CONNECTING || next == CLOSED;
			case CLOSED -> false;
		};
	}

}
