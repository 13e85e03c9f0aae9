package dev.backend.discovery.consul;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.FailureText;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceEntry;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.LeftOut;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes of the entries of one answer what it says of a service. For one answer and one
 * thread.
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

	private final String name;

	private final @Nullable String tag;

	private final InstanceRules rules;

	private final List<Candidate> candidates = new ArrayList<>();

	private final List<InstanceEntry> refused = new ArrayList<>();

	private final Set<String> otherKinds = new TreeSet<>();

	/** How many entries have an id, in the normal form of ids. */
	private final Map<String, Integer> ids = new HashMap<>();

	private InstanceCounts others = InstanceCounts.NONE;

	/**
	 * Creates a reader.
	 * @param name the service that was asked for
	 * @param tag the tag that an instance must carry, or {@code null}
	 * @param rules how many entries are worth keeping
	 */
	ServiceContentReader(String name, @Nullable String tag, InstanceRules rules) {
		this.name = name;
		this.tag = tag;
		this.rules = rules;
	}

	/** Takes the next entry. */
	void read(JsonNode entry) {
		JsonNode service = entry.path("Service");
		requireSameService(service.path("Service").asString(""));
		String kind = service.path("Kind").asString("").strip();
		if (!kind.isEmpty() && !kind.equalsIgnoreCase(TYPICAL)) {
			this.otherKinds.add(FailureText.printable(kind));
			leaveOut(LeftOut.NOT_WANTED, 1);
			return;
		}
		this.ids.merge(ServiceConfig.normalize(service.path("ID").asString("")), 1, Integer::sum);
		if (!passes(entry)) {
			leaveOut(LeftOut.UNHEALTHY, 1);
		}
		else if (!carriesTag(service)) {
			leaveOut(LeftOut.NOT_WANTED, 1);
		}
		else {
			this.candidates.add(candidate(entry.path("Node"), service));
		}
	}

	/**
	 * Leaves an entry out that is not worth reading.
	 * @param problem what is wrong with it, for people
	 */
	void refuse(String problem) {
		this.refused.add(InstanceEntry.leftOut(this.refused.size(), LeftOut.MALFORMED,
				"an entry of service '%s': %s".formatted(FailureText.printable(this.name), problem)));
	}

	/** What all entries together say. */
	ServiceContent content() {
		Set<String> shared = new TreeSet<>();
		List<InstanceEntry> entries = new ArrayList<>(this.refused);
		for (Candidate candidate : kept()) {
			if (this.ids.getOrDefault(ServiceConfig.normalize(candidate.instance().id()), 0) > 1) {
				shared.add(FailureText.printable(candidate.instance().id()));
				entries.add(candidate.onItsNode().entry());
			}
			else {
				entries.add(candidate.entry());
			}
		}
		return new ServiceContent(entries, this.others, this.otherKinds, shared);
	}

	/** Of too many, those that were there first: a flood must not push them out. */
	private List<Candidate> kept() {
		int maximum = this.rules.maximumInstances();
		if (this.candidates.size() <= maximum) {
			return this.candidates;
		}
		List<Candidate> usable = this.candidates.stream()
			.filter((candidate) -> this.rules.allow(candidate.instance()))
			.sorted(Comparator.comparingLong(Candidate::createdAt))
			.toList();
		List<Candidate> kept = usable.subList(0, Math.min(maximum, usable.size()));
		leaveOut(LeftOut.TOO_MANY, usable.size() - kept.size());
		leaveOut(LeftOut.MALFORMED, this.candidates.size() - usable.size());
		return kept;
	}

	private void leaveOut(LeftOut reason, int number) {
		this.others = this.others.withLeftOut(reason, number);
	}

	/** What stands between may have taken the name for a part of a path. */
	private void requireSameService(String found) {
		if (!found.isBlank() && !found.equalsIgnoreCase(this.name)) {
			throw ConsulFailure.refused("answers about the service '%s' (expected: the one that was asked for)"
				.formatted(FailureText.printable(found)));
		}
	}

	private static boolean passes(JsonNode entry) {
		for (JsonNode check : entry.path("Checks")) {
			if (!PASSING.equals(check.path("Status").asString(""))) {
				return false;
			}
		}
		return true;
	}

	private boolean carriesTag(JsonNode service) {
		return this.tag == null || texts(service.path("Tags")).stream().anyMatch(this.tag::equalsIgnoreCase);
	}

	private static Candidate candidate(JsonNode node, JsonNode service) {
		Map<String, String> metadata = pairs(service.path("Meta"));
		String address = service.path("Address").asString("");
		if (address.isBlank()) {
			address = node.path("Address").asString("");
		}
		return new Candidate(new DiscoveredInstance(service.path("Service").asString(""),
				service.path("ID").asString(""), scheme(metadata), address, service.path("Port").asInt(0),
				texts(service.path("Tags")), metadata), node.path("Node").asString(""),
				service.path("CreateIndex").asLong(0));
	}

	private static String scheme(Map<String, String> metadata) {
		String scheme = metadata.get(METADATA_SCHEME);
		if (scheme != null && !scheme.isBlank()) {
			return scheme.strip().toLowerCase(Locale.ROOT);
		}
		return Boolean.parseBoolean(metadata.get(METADATA_SECURE)) ? "https" : "";
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

	/**
	 * A live instance and where it is.
	 *
	 * @param instance the instance
	 * @param node the name of the node
	 * @param createdAt the index at which Consul saw it first
	 */
	private record Candidate(DiscoveredInstance instance, String node, long createdAt) {

		/** A node's name may be any text: encoded, it is a part of an id. */
		Candidate onItsNode() {
			String id = this.instance.id() + "@" + URLEncoder.encode(this.node, StandardCharsets.UTF_8);
			return new Candidate(
					new DiscoveredInstance(this.instance.name(), id, this.instance.scheme(), this.instance.address(),
							this.instance.port(), this.instance.tags(), this.instance.metadata()),
					this.node, this.createdAt);
		}

		/** Two nodes may have the same id, but not one node. */
		InstanceEntry entry() {
			return InstanceEntry.of(new Place(this.node, this.instance.id()), this.instance)
				.withOrder(Math.max(0, this.createdAt));
		}

	}

	private record Place(String node, String id) {
	}

}
