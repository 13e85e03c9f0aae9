package dev.backend.tcp;

import dev.backend.logging.ServiceLog;
import dev.backend.transport.PlainWords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Decides how loudly a failed dial is logged, within the bounds of the service name. The
 * first failure of an instance since it was last connected is a warning. Of those that
 * follow, there is one reminder per minute for all instances of the name, and the others
 * are counted. Safe for use by any thread.
 */
final class DialLog {

	private static final Logger logger = LoggerFactory.getLogger(DialLog.class);

	private static final String FIRST = "Cannot connect to {}: {}; trying again";

	private DialLog() {
	}

	/**
	 * Logs a failed dial.
	 * @param log the log of the service name
	 * @param label the instance
	 * @param failures how many dials failed since the instance was last connected, this
	 * one included
	 * @param cause why
	 */
	static void failed(ServiceLog log, String label, int failures, Throwable cause) {
		String reason = PlainWords.describe(cause);
		if (failures == 1) {
			log.failed(logger, Level.WARN, FIRST, label, reason);
		}
		else {
			log.failedAgain(logger, Level.WARN, FIRST,
					"Still cannot connect to {} after {} attempts: {}; trying again (one reminder per minute for all "
							+ "instances of {})",
					label, failures, reason, log.name());
		}
	}

}
