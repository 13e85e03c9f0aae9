package dev.backend.http;

import dev.backend.Availability;

/**
 * Where an instance is in its life.
 */
public enum HttpState {

	/** Discovered; its first probe has not ended yet. */
	DISCOVERED(Availability.UNAVAILABLE),

	/** Its probe succeeds: on the rings. */
	UP(Availability.READY),

	/** Its probe fails. */
	DOWN(Availability.UNAVAILABLE),

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

}
