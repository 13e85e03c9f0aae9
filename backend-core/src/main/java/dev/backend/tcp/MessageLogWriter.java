package dev.backend.tcp;

import dev.backend.codec.MessageCodec;
import dev.backend.logging.PlainText;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes messages to the log {@code dev.backend.tcp.messages}, as {@link MessageLogging}
 * says. Called on event loops, and by who broadcasts.
 */
final class MessageLogWriter {

	private static final Logger logger = LoggerFactory.getLogger("dev.backend.tcp.messages");

	/** Of a message, which is longer than what fails. */
	private static final int MAXIMUM_LENGTH = 10_000;

	private MessageLogWriter() {
	}

	/**
	 * Logs a message, if its level is switched on.
	 * @param <M> the type of the messages
	 * @param logging the levels
	 * @param codec names the message's id
	 * @param log the log of the service name, for what fails
	 * @param label the service, or what stands for several
	 * @param direction what happened to the message
	 * @param message the message
	 */
	static <M> void log(MessageLogging logging, MessageCodec<M> codec, ServiceLog log, String label, String direction,
			M message) {
		try {
			Object id = codec.messageId(message);
			MessageLogLevel level = logging.levelOf(id);
			if (level != MessageLogLevel.OFF && logger.isEnabledForLevel(level.level())) {
				logger.atLevel(level.level())
					.log("{}: {} {}{}", label, direction, text(id),
							PlainText.of(String.valueOf(message), MAXIMUM_LENGTH));
			}
		}
		catch (Throwable ex) {
			log.threw(logger, Level.WARN, ex, "{}: a message that was {} could not be logged", label, direction);
		}
	}

	private static String text(@Nullable Object id) {
		return (id != null) ? PlainText.of(id.toString()) + " " : "";
	}

}
