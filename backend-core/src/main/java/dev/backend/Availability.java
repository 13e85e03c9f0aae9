package dev.backend;

/**
 * Whether an instance may be chosen by a look-up.
 */
public enum Availability {

	/**
	 * Known, but not connected, not ready, failing its probe, or suspended. On no ring.
	 */
	UNAVAILABLE,

	/** Usable: on the ring of its group and on those of its tags. */
	READY,

	/**
	 * On no ring, while what is pending may still finish: on its way out, or drained or
	 * suspended by an operator.
	 */
	DRAINING,

	/** Gone. This object will not be usable again. */
	CLOSED

}
