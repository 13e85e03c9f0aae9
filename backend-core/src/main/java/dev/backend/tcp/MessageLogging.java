package dev.backend.tcp;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * At which level messages are logged, by the logger {@code dev.backend.tcp.messages}:
 * those that are sent, their replies, and those that go to the handler. A line has the
 * service, the direction, the id and the message's {@code toString()}; it is written on
 * the event loop, so a slow appender slows the connection.
 *
 * @param level the level of messages for which {@code levels} has none
 * @param levels the level by the text of the
 * {@link dev.backend.codec.MessageCodec#messageId message id}
 */
public record MessageLogging(MessageLogLevel level, Map<String, MessageLogLevel> levels) {

	/**
	 * Copies the levels.
	 */
	public MessageLogging {
		levels = Map.copyOf(levels);
	}

	/**
	 * Returns the default: nothing is logged.
	 * @return the default
	 */
	public static MessageLogging off() {
		return new MessageLogging(MessageLogLevel.OFF, Map.of());
	}

	/**
	 * Returns whether any message may be logged.
	 * @return whether it is worth asking for a level
	 */
	public boolean enabled() {
		return this.level != MessageLogLevel.OFF || !this.levels.isEmpty();
	}

	/**
	 * Returns the level of messages with an id.
	 * @param messageId the id, or {@code null} if the codec names none
	 * @return the level
	 */
	public MessageLogLevel levelOf(@Nullable Object messageId) {
		return (messageId != null) ? this.levels.getOrDefault(messageId.toString(), this.level) : this.level;
	}

}
