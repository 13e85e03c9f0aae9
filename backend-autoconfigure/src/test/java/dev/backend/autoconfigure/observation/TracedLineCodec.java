package dev.backend.autoconfigure.observation;

import java.util.Map;

import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.TraceCarrier;
import org.jspecify.annotations.Nullable;

/**
 * Lines whose text begins with the ids of a trace. What ends with "push" is no reply, so
 * that the server sends a request back as a message of its own.
 */
class TracedLineCodec extends LineCodec implements TraceCarrier<Line> {

	@Override
	public @Nullable Object responseId(Line message) {
		return message.text().endsWith("push") ? null : super.responseId(message);
	}

	@Override
	public Line inject(Line message, Map<String, String> entries) {
		return new Line(message.id(), entries.get("ids") + "|" + message.text());
	}

	@Override
	public Map<String, String> extract(Line message) {
		int begin = message.text().indexOf(':');
		int end = message.text().indexOf('|');
		return (end < 0) ? Map.of() : Map.of("ids", message.text().substring(begin + 1, end));
	}

}
