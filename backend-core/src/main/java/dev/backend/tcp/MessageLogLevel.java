package dev.backend.tcp;

import org.slf4j.event.Level;

/** At which level a message is logged. */
public enum MessageLogLevel {

	/** Not at all. */
	OFF(Level.TRACE),

	/** At trace. */
	TRACE(Level.TRACE),

	/** At debug. */
	DEBUG(Level.DEBUG),

	/** At info. */
	INFO(Level.INFO),

	/** At warn. */
	WARN(Level.WARN),

	/** At error. */
	ERROR(Level.ERROR);

	private final Level level;

	MessageLogLevel(Level level) {
		this.level = level;
	}

	Level level() {
		return this.level;
	}

}
