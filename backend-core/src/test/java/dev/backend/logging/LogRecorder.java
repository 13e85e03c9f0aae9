package dev.backend.logging;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * What is logged in a package during a test, whatever thread does it.
 */
public final class LogRecorder extends AppenderBase<ILoggingEvent> implements BeforeEachCallback, AfterEachCallback {

	private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

	private final Logger logger;

	public LogRecorder(String logger) {
		this.logger = (Logger) LoggerFactory.getLogger(logger);
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		start();
		this.logger.addAppender(this);
	}

	@Override
	public void afterEach(ExtensionContext context) {
		this.logger.detachAppender(this);
		stop();
	}

	@Override
	protected void append(ILoggingEvent event) {
		this.events.add(event);
	}

	/** Those of this level and above. */
	public List<ILoggingEvent> events(Level level) {
		return this.events.stream().filter((event) -> event.getLevel().isGreaterOrEqual(level)).toList();
	}

	/** The lines of this level and above. */
	public List<String> lines(Level level) {
		return events(level).stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

}
