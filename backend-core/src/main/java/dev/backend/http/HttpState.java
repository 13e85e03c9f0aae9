package dev.backend.http;

import dev.backend.Availability;

/**
 * Where an instance is in its life.
 */
public enum HttpState {

	/** Discovered, or moved; its first probe has not ended yet. */
	DISCOVERED(Availability.UNAVAILABLE),

	/** Its probe succeeds: on the rings. */
	UP(Availability.READY),

	/** Its probe fails. */
	DOWN(Availability.UNAVAILABLE),

	/** Its probe succeeds, but requests to it failed: off the rings for a while. */
	EJECTED(Availability.UNAVAILABLE),

	/** Gone for good. */
	CLOSED(Availability.CLOSED);

	private final Availability availability;

	HttpState(Availability availability) {
		this.availability = availability;
	}

	/**
	 * Returns whether an instance in this state may be chosen.
	 * @return the availability
	 */
	public Availability availability() {
		return this.availability;
	}

	/** Whether the probe succeeds in this state. */
	boolean answers() {
		return this == UP || this == EJECTED;
	}

	boolean canMoveTo(HttpState next) {
		return switch (this) {
			case DISCOVERED -> next == UP || next == DOWN || next == CLOSED;
			case UP -> next == DOWN || next == EJECTED || next == CLOSED;
			case DOWN -> next == UP || next == DISCOVERED || next == CLOSED;
			case EJECTED -> next == UP || next == DOWN || next == DISCOVERED || next == CLOSED;
			case CLOSED -> false;
		};
	}

}
