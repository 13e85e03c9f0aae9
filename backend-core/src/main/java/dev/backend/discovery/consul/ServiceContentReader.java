package dev.backend.discovery.consul;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.consul.ServiceContent.Entry;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes of the entries of one answer what it says of a service. An entry that is
 * malformed is refused by itself. For one answer and one thread.
 *
 * <p>
 * In Consul an id is unique on its node only. Ids that several nodes have in one answer
 * all become {@code id@node}, whichever of these instances are live and carry the tag: so
 * everyone who asks for this service, for whatever instances of it, gives them the same
 * ids.
 */
final class ServiceContentReader {

	private static final String PASSING = "passing";

	/** What Spring Cloud Consul registers. */
	private static final String METADATA_SECURE = "secure";

	private static final String METADATA_SCHEME = "scheme";

	/** The kind of a service that no mesh has made; Consul leaves it empty. */
	private static final String TYPICAL = "typical";

	private static final int MAXIMUM_LENGTH = 1024;

	private final String name;

	private final @Nullable String tag;

	private final int maximumInstances;

	private final List<Candidate> live = new ArrayList<>();

	private final Set<String> refused = new LinkedHashSet<>();

	private final Map<String, Integer> otherKinds = new TreeMap<>();

	/** How many entries have an id, in the normal form of ids. */
	private final Map<String, Integer> ids = new HashMap<>();

	private int listed;

	private int surplus;

	/**
	 * Creates a reader.
	 * @param name the service that was asked for
	 * @param tag the tag that an instance must carry, or {@code null}
	 * @param maximumInstances how many instances are taken
	 */
	ServiceContentReader(String name, @Nullable String tag, int maximumInstances) {
		this.name = name;
		this.tag = tag;
		this.maximumInstances = maximumInstances;
	}

	/** Takes the next entry. */
	void read(JsonNode entry) {
		this.listed++;
		JsonNode service = entry.path("Service");
		requireSameService(service.path("Service").asString(""));
		String kind = service.path("Kind").asString("").strip();
		if (!kind.isEmpty() && !kind.equalsIgnoreCase(TYPICAL)) {
			this.otherKinds.merge(ConsulFailure.printable(kind), 1, Integer::sum);
			return;
		}
		this.ids.merge(ServiceConfig.normalize(service.path("ID").asString("")), 1, Integer::sum);
		if (isWanted(entry)) {
			take(entry);
		}
	}

	/** Leaves an entry out. */
	void refuse(String reason) {
		this.listed++;
		if (isFull()) {
			this.surplus++;
		}
		else {
			refuse("?", reason);
		}
	}

	/** What all entries together say. */
	ServiceContent content() {
		List<Entry> entries = new ArrayList<>(this.live.size());
		Set<String> shared = new TreeSet<>();
		for (Candidate candidate : this.live) {
			DiscoveredInstance instance = candidate.entry().instance();
			if (this.ids.getOrDefault(ServiceConfig.normalize(instance.id()), 0) > 1) {
				shared.add(ConsulFailure.printable(instance.id()));
				entries.add(candidate.onItsNode());
			}
			else {
				entries.add(candidate.entry());
			}
		}
		return new ServiceContent(this.listed, entries, this.refused, this.surplus, this.otherKinds, shared);
	}

	/** What stands between may have taken the name for a part of a path. */
	private void requireSameService(String found) {
		if (!found.isBlank() && !found.equalsIgnoreCase(this.name)) {
			throw ConsulFailure.refused("answers about the service '%s' (expected: the one that was asked for)"
				.formatted(ConsulFailure.printable(found)));
		}
	}

	private boolean isWanted(JsonNode entry) {
		for (JsonNode check : entry.path("Checks")) {
			if (!PASSING.equals(check.path("Status").asString(""))) {
				return false;
			}
		}
		return this.tag == null
				|| texts(entry.path("Service").path("Tags")).stream().anyMatch(this.tag::equalsIgnoreCase);
	}

	private void take(JsonNode entry) {
		JsonNode service = entry.path("Service");
		if (isFull()) {
			this.surplus++;
			return;
		}
		try {
			Entry found = new Entry(instance(entry.path("Node"), service), service.path("CreateIndex").asLong(0));
			this.live.add(new Candidate(found, entry.path("Node").path("Node").asString("")));
		}
		catch (IllegalArgumentException ex) {
			refuse(service.path("ID").asString(""), String.valueOf(ex.getMessage()));
		}
	}

	private void refuse(String id, String reason) {
		this.refused.add("'%s' of service '%s': %s".formatted(ConsulFailure.printable(id),
				ConsulFailure.printable(this.name), reason));
	}

	private boolean isFull() {
		return this.live.size() + this.refused.size() >= this.maximumInstances;
	}

	private static DiscoveredInstance instance(JsonNode node, JsonNode service) {
		Map<String, String> metadata = pairs(service.path("Meta"));
		String address = service.path("Address").asString("");
		if (address.isBlank()) {
			address = node.path("Address").asString("");
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

	static List<String> texts(JsonNode list) {
		List<String> texts = new ArrayList<>();
		list.forEach((text) -> texts.add(text.asString("")));
		return texts;
	}

	private static Map<String, String> pairs(JsonNode object) {
		Map<String, String> pairs = new LinkedHashMap<>();
		object.forEachEntry((key, value) -> pairs.put(key, value.asString("")));
		return pairs;
	}

	/**
	 * A live instance and where it is.
	 *
	 * @param entry the instance, with the id that it has on its node
	 * @param node the name of the node
	 */
	private record Candidate(Entry entry, String node) {

		/** A node's name may be any text: encoded, it is a part of an id. */
		Entry onItsNode() {
			DiscoveredInstance found = this.entry.instance();
			String id = found.id() + "@" + URLEncoder.encode(this.node, StandardCharsets.UTF_8);
			return new Entry(new DiscoveredInstance(found.name(), id, found.scheme(), found.address(), found.port(),
					found.tags(), found.metadata()), this.entry.createdAt());
		}

	}

}
