package dev.backend.logging;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Logs what happens to the services of one name, within the bounds of its
 * {@link FailureLog}. Values are printed {@linkplain PlainText plain}. Safe for use by
 * any thread.
 *
 * @param log bounds the lines
 * @param name the service name
 */
public record ServiceLog(FailureLog log, String name) {

	/**
	 * Logs that something has failed, in one line.
	 * @param logger where to log it
	 * @param level how loudly
	 * @param line what has failed, with <code>{}</code> for each of the values
	 * @param values the values
	 */
	public void failed(Logger logger, Level level, String line, @Nullable Object... values) {
		this.log.failed(this.name, logger, level, line, values);
	}

	/**
	 * Logs that something goes on failing, in one line, unless something was logged of
	 * that in the present minute.
	 * @param logger where to log it
	 * @param level how loudly
	 * @param first the line that is logged when it fails first
	 * @param line what has failed, with <code>{}</code> for each of the values
	 * @param values the values
	 */
	public void failedAgain(Logger logger, Level level, String first, String line, @Nullable Object... values) {
		this.log.failedAgain(this.name, logger, level, first, line, values);
	}

	/**
	 * Logs what was thrown: the first of its kind in a minute with its stack trace.
	 * @param logger where to log it
	 * @param level how loudly
	 * @param failure what was thrown
	 * @param line what has failed, with <code>{}</code> for each of the values
	 * @param values the values
	 */
	public void threw(Logger logger, Level level, Throwable failure, String line, @Nullable Object... values) {
		this.log.threw(this.name, logger, level, failure, line, values);
	}

	/**
	 * Logs at info level what is as it should be.
	 * @param logger where to log it
	 * @param line what has happened, with <code>{}</code> for each of the values
	 * @param values the values
	 */
	public void news(Logger logger, String line, @Nullable Object... values) {
		this.log.news(this.name, logger, line, values);
	}

}
