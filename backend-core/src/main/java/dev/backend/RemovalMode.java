package dev.backend;

/**
 * What happens to an instance that discovery does not list any more.
 */
public enum RemovalMode {

	/**
	 * While connected it stays and is used; it goes when its connection drops. If it
	 * reappears first, nothing happened. One that is not connected goes at once.
	 */
	ON_DISCONNECT,

	/** It is closed and removed at once; pending requests fail. */
	IMMEDIATE,

	/**
	 * It leaves the rings at once and is closed when its pending requests have finished,
	 * or after the drain time-out.
	 */
	DRAIN

}
