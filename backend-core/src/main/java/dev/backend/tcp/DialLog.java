package dev.backend.tcp;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.backend.transport.PlainWords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides how loudly a failed dial is logged. The first failure of an instance since it
 * was last connected is a warning. After that each service name is given one reminder per
 * minute, whatever the number of its instances that fail, so that an outage of thousands
 * neither goes unmentioned nor fills the disk. The others are logged at debug level. Safe
 * for use by any thread.
 */
final class DialLog {

	private static final Logger logger = LoggerFactory.getLogger(DialLog.class);

	private static final long REMINDER_NANOS = Duration.ofMinutes(1).toNanos();

	private final Map<String, Long> lastWarnings = new ConcurrentHashMap<>();

	/**
	 * Logs a failed dial.
	 * @param name the service name
	 * @param label the instance
	 * @param failures how many dials failed since the instance was last connected, this
	 * one included
	 * @param cause why
	 * @param now the present nano time
	 */
	void failed(String name, String label, int failures, Throwable cause, long now) {
		String reason = PlainWords.describe(cause);
		if (failures == 1) {
			this.lastWarnings.put(name, now);
			logger.warn("Cannot connect to {}: {}; trying again", label, reason);
		}
		else if (reminderDue(name, now)) {
			logger.warn("Still cannot connect to {} after {} attempts: {}; trying again (one reminder per minute "
					+ "for all instances of {})", label, failures, reason, name);
		}
		else {
			logger.debug("Cannot connect to {}, attempt {}: {}; trying again", label, failures, reason);
		}
	}

	private boolean reminderDue(String name, long now) {
		Long last = this.lastWarnings.get(name);
		if (last == null) {
			return this.lastWarnings.putIfAbsent(name, now) == null;
		}
		return now - last >= REMINDER_NANOS && this.lastWarnings.replace(name, last, now);
	}

}
