package dev.backend.autoconfigure.observation;

import java.util.Map;

import dev.backend.ServiceConfig;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.TraceCarrier;
import dev.backend.logging.StandIn;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the entries of a trace into messages and finds them there, where the codec knows
 * how. What the codec throws costs the trace, not the message.
 *
 * @param <M> the type of the messages
 */
final class TraceEntries<M> {

	private static final Logger logger = LoggerFactory.getLogger(TraceEntries.class);

	private final @Nullable TraceCarrier<M> carrier;

	/** A codec carries what its own messages hold. */
	@SuppressWarnings("unchecked")
	TraceEntries(MessageCodec<M> codec) {
		this.carrier = (codec instanceof TraceCarrier<?>) ? (TraceCarrier<M>) codec : null;
	}

	M inject(ServiceConfig service, M message, @Nullable Map<String, String> entries) {
		if (this.carrier == null || entries == null || entries.isEmpty()) {
			return message;
		}
		try {
			return this.carrier.inject(message, entries);
		}
		catch (RuntimeException ex) {
			logger.warn("{}.inject failed for {}; the message is sent without its trace", StandIn.nameOf(this.carrier),
					service.label(), ex);
			return message;
		}
	}

	Map<String, String> extract(ServiceConfig service, M message) {
		if (this.carrier == null) {
			return Map.of();
		}
		try {
			return this.carrier.extract(message);
		}
		catch (RuntimeException ex) {
			logger.warn("{}.extract failed for {}; the message is handled without its trace",
					StandIn.nameOf(this.carrier), service.label(), ex);
			return Map.of();
		}
	}

}
