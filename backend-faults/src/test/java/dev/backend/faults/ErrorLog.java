package dev.backend.faults;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/**
 * Remembers the errors in the log, from when it is made until it is closed. An
 * application that starts may replace it.
 */
final class ErrorLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

	private final List<String> errors = new CopyOnWriteArrayList<>();

	ErrorLog() {
		start();
		this.root.addAppender(this);
	}

	List<String> errors() {
		return this.errors;
	}

	@Override
	protected void append(ILoggingEvent event) {
		if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
			this.errors.add(event.getLoggerName() + ": " + event.getFormattedMessage());
		}
	}

	@Override
	public void close() {
		this.root.detachAppender(this);
	}

}
