package dev.backend.discovery.consul;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

import dev.backend.discovery.FailureText;
import dev.backend.discovery.InstanceRules;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the JSON of Consul. An answer that is not whole, or of another shape, is an
 * error. Stateless; any thread.
 */
final class AnswerReader {

	/** What an entry may take: many times what an agent lets its own services have. */
	private static final int MAXIMUM_ENTRY = 1024 * 1024;

	private static final int MAXIMUM_NAMES = 200_000;

	/** How deep lists and objects stand in each other: twice what Consul takes. */
	private static final int MAXIMUM_DEPTH = 20_000;

	private final JsonMapper entryMapper = JsonMapper.builder().build();

	private final @Nullable String tag;

	private final InstanceRules rules;

	AnswerReader(@Nullable String tag, InstanceRules rules) {
		this.tag = tag;
		this.rules = rules;
	}

	/** A text. */
	String text(byte[] json) {
		try (JsonParser parser = parser(json)) {
			if (parser.nextToken() != JsonToken.VALUE_STRING) {
				throw unexpected("a text", parser);
			}
			return parser.getString();
		}
	}

	/** A list, whatever is in it. */
	boolean list(byte[] json) {
		try (JsonParser parser = parser(json)) {
			if (parser.nextToken() != JsonToken.START_ARRAY) {
				throw unexpected("a list", parser);
			}
			parser.skipChildren();
			return true;
		}
	}

	/** Names and tags, one at a time. */
	ServiceNames names(byte[] json) {
		Set<String> listed = new LinkedHashSet<>();
		Set<String> carrying = new LinkedHashSet<>();
		try (JsonParser parser = parser(json)) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				throw unexpected("names with their tags", parser);
			}
			while (parser.nextToken() != JsonToken.END_OBJECT) {
				requireMore(parser);
				String name = ServiceNames.key(parser.currentName());
				listed.add(name);
				parser.nextToken();
				if (carriesTag(parser)) {
					carrying.add(name);
				}
				if (listed.size() > MAXIMUM_NAMES) {
					throw ConsulFailure
						.refused("lists more than %d services (expected: at most that)".formatted(MAXIMUM_NAMES));
				}
			}
		}
		return new ServiceNames(listed, carrying);
	}

	/** The entries of a service with their checks, one at a time. */
	ServiceContent service(String name, byte[] json) {
		ServiceContentReader content = new ServiceContentReader(name, this.tag, this.rules);
		try (JsonParser parser = parser(json)) {
			if (parser.nextToken() != JsonToken.START_ARRAY) {
				throw unexpected("a list of instances", parser);
			}
			while (parser.nextToken() != JsonToken.END_ARRAY) {
				requireMore(parser);
				readEntry(parser, json, content);
			}
		}
		return content.content();
	}

	/** As a tree an entry is many times as large as its text, which so has a bound. */
	private void readEntry(JsonParser parser, byte[] json, ServiceContentReader content) {
		long begin = parser.currentTokenLocation().getByteOffset();
		parser.skipChildren();
		if (parser.currentToken() == null || !parser.currentToken().isStructEnd()) {
			throw unexpected("instances in its list", parser);
		}
		long length = parser.currentLocation().getByteOffset() - begin;
		if (begin < 0 || length < 0) {
			throw ConsulFailure.refused("answers in another encoding (expected: UTF-8)");
		}
		if (length > MAXIMUM_ENTRY) {
			content.refuse("%d bytes (expected: at most %d)".formatted(length, MAXIMUM_ENTRY));
		}
		else {
			try {
				content.read(this.entryMapper.readTree(json, (int) begin, (int) length));
			}
			catch (StreamConstraintsException ex) {
				content.refuse(FailureText.printable(ex.getOriginalMessage()));
			}
		}
	}

	/** Reads to the end of the value. */
	private boolean carriesTag(JsonParser parser) {
		boolean carries = this.tag == null;
		if (parser.currentToken() == JsonToken.START_ARRAY && !carries) {
			while (parser.nextToken() != JsonToken.END_ARRAY) {
				requireMore(parser);
				carries |= parser.currentToken() == JsonToken.VALUE_STRING
						&& parser.getString().equalsIgnoreCase(this.tag);
				parser.skipChildren();
			}
		}
		parser.skipChildren();
		return carries;
	}

	/**
	 * An answer has a bound as a whole, so that no part of it makes it unreadable. A
	 * factory remembers names, so this one goes with the answer.
	 */
	private static JsonParser parser(byte[] json) {
		StreamReadConstraints constraints = StreamReadConstraints.builder()
			.maxNameLength(Integer.MAX_VALUE)
			.maxStringLength(Integer.MAX_VALUE)
			.maxNumberLength(Integer.MAX_VALUE)
			.maxNestingDepth(MAXIMUM_DEPTH)
			.build();
		return JsonFactory.builder()
			.streamReadConstraints(constraints)
			.build()
			.createParser(ObjectReadContext.empty(), json);
	}

	private static void requireMore(JsonParser parser) {
		if (parser.currentToken() == null) {
			throw ConsulFailure.refused("answers what is not whole: it does not end");
		}
	}

	private static ConsulFailure unexpected(String expected, JsonParser parser) {
		JsonToken token = parser.currentToken();
		return ConsulFailure.refused("answers %s (expected: %s)".formatted(
				(token != null) ? token.name().toLowerCase(Locale.ROOT).replace('_', ' ') : "nothing", expected));
	}

}
