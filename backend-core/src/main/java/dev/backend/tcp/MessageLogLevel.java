package dev.backend.tcp;

/** At which level a message is logged. */
public enum MessageLogLevel {

	/** Not at all. */
	OFF,

	/** At trace. */
	TRACE,

	/** At debug. */
	DEBUG,

	/** At info. */
	INFO,

	/** At warn. */
	WARN,

	/** At error. */
	ERROR

}
