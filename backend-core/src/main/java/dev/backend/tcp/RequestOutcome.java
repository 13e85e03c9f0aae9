package dev.backend.tcp;

/**
 * How a request ended.
 */
public enum RequestOutcome {

	/** Its reply came. */
	REPLY,

	/** Its deadline came first. */
	TIMEOUT,

	/** The connection went away while it was waiting. */
	LOST,

	/** No reply will come, as its codec or its caller has said. */
	NO_REPLY,

	/** It was refused before it was written. */
	REJECTED,

	/** Its caller cancelled it, or completed its future in another way. */
	CANCELLED

}
