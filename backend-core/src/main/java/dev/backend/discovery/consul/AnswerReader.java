package dev.backend.discovery.consul;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.consul.ServiceContent.Entry;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the JSON of Consul. An answer that is not whole, or of another shape, is an
 * error; an instance that is malformed is refused by itself. Stateless; any thread.
 */
final class AnswerReader {

	private static final String PASSING = "passing";

	/** What Spring Cloud Consul registers. */
	private static final String METADATA_SECURE = "secure";

	private static final String METADATA_SCHEME = "scheme";

	private static final int MAXIMUM_LENGTH = 1024;

	private final JsonMapper mapper = JsonMapper.builder().build();

	/** Reads one element of a list, after which more may come. */
	private final ObjectReader elements = this.mapper.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

	private final @Nullable String tag;

	private final int maximumInstances;

	AnswerReader(@Nullable String tag, int maximumInstances) {
		this.tag = tag;
		this.maximumInstances = maximumInstances;
	}

	/** A text. */
	String text(byte[] json) {
		JsonNode node = this.mapper.readTree(json);
		if (!node.isString()) {
			throw unexpected("a text", node);
		}
		return node.asString();
	}

	/** A list, whatever is in it. */
	boolean list(byte[] json) {
		JsonNode node = this.mapper.readTree(json);
		if (!node.isArray()) {
			throw unexpected("a list", node);
		}
		return true;
	}

	/** Names with the tags of all instances. */
	Map<String, Set<String>> names(byte[] json) {
		JsonNode node = this.mapper.readTree(json);
		if (!node.isObject()) {
			throw unexpected("names with their tags", node);
		}
		Map<String, Set<String>> names = new LinkedHashMap<>();
		node.forEachEntry((name, tags) -> names.put(name, new LinkedHashSet<>(texts(tags))));
		return names;
	}

	/** The instances of a service with their checks, one at a time. */
	ServiceContent service(String name, byte[] json) {
		List<Entry> live = new ArrayList<>();
		Set<String> refused = new LinkedHashSet<>();
		int listed = 0;
		int surplus = 0;
		try (JsonParser parser = this.mapper.createParser(json)) {
			if (parser.nextToken() != JsonToken.START_ARRAY) {
				throw ConsulFailure.refused("answers no list of instances (expected: one)");
			}
			while (parser.nextToken() != JsonToken.END_ARRAY) {
				requireMore(parser);
				JsonNode node = this.elements.readTree(parser);
				listed++;
				if (live.size() + refused.size() >= this.maximumInstances) {
					surplus += isWanted(node) ? 1 : 0;
				}
				else if (isWanted(node)) {
					read(name, node, live, refused);
				}
			}
		}
		return new ServiceContent(listed, live, refused, surplus);
	}

	private static void requireMore(JsonParser parser) {
		if (parser.currentToken() == null) {
			throw ConsulFailure.refused("answers what is not whole: the list of instances does not end");
		}
	}

	private boolean isWanted(JsonNode node) {
		for (JsonNode check : node.path("Checks")) {
			if (!PASSING.equals(check.path("Status").asString(""))) {
				return false;
			}
		}
		return this.tag == null
				|| texts(node.path("Service").path("Tags")).stream().anyMatch(this.tag::equalsIgnoreCase);
	}

	private static void read(String name, JsonNode node, List<Entry> live, Set<String> refused) {
		try {
			JsonNode service = node.path("Service");
			live.add(new Entry(instance(node, service), service.path("CreateIndex").asLong(0)));
		}
		catch (IllegalArgumentException ex) {
			String id = ConsulFailure.printable(node.path("Service").path("ID").asString(""));
			refused.add("'%s' of service '%s': %s".formatted(id, name, ex.getMessage()));
		}
	}

	private static DiscoveredInstance instance(JsonNode node, JsonNode service) {
		Map<String, String> metadata = pairs(service.path("Meta"));
		String address = service.path("Address").asString("");
		if (address.isBlank()) {
			address = node.path("Node").path("Address").asString("");
		}
		int port = service.path("Port").asInt(0);
		if (port < 1 || port > 65535) {
			throw new IllegalArgumentException("port: %d (expected: 1 to 65535)".formatted(port));
		}
		return new DiscoveredInstance(required("name", service.path("Service").asString("")),
				required("id", service.path("ID").asString("")), scheme(metadata), required("address", address), port,
				texts(service.path("Tags")), metadata);
	}

	private static String scheme(Map<String, String> metadata) {
		String scheme = metadata.get(METADATA_SCHEME);
		if (scheme != null && !scheme.isBlank()) {
			return scheme.strip().toLowerCase(Locale.ROOT);
		}
		return Boolean.parseBoolean(metadata.get(METADATA_SECURE)) ? "https" : "";
	}

	private static String required(String field, String value) {
		if (value.isBlank() || value.length() > MAXIMUM_LENGTH || value.chars().anyMatch(Character::isISOControl)) {
			throw new IllegalArgumentException("%s: '%s' (expected: 1 to %d characters, no control characters)"
				.formatted(field, ConsulFailure.printable(value), MAXIMUM_LENGTH));
		}
		return value;
	}

	private static List<String> texts(JsonNode list) {
		List<String> texts = new ArrayList<>();
		list.forEach((text) -> texts.add(text.asString("")));
		return texts;
	}

	private static Map<String, String> pairs(JsonNode object) {
		Map<String, String> pairs = new LinkedHashMap<>();
		object.forEachEntry((key, value) -> pairs.put(key, value.asString("")));
		return pairs;
	}

	private static ConsulFailure unexpected(String expected, JsonNode node) {
		return ConsulFailure.refused(
				"answers %s (expected: %s)".formatted(node.getNodeType().name().toLowerCase(Locale.ROOT), expected));
	}

}
