package dev.backend.discovery.redis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.backend.ServiceConfig;
import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.SourceView;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the members that a read returned into a snapshot. Remembers in which order
 * members were first seen, for the scores are heartbeats: two live entries of one
 * instance would take turns. Reports malformed members and conflicts once, not per read.
 * For one thread.
 */
final class MemberTable {

	private static final Logger logger = LoggerFactory.getLogger(MemberTable.class);

	private final RedisRegistrySettings settings;

	private final Set<String> reportedConflicts = new HashSet<>();

	private Map<String, Entry> entries = Map.of();

	private long nextSequence;

	private boolean overflowing;

	private int rejected;

	private List<DiscoveredInstance> instances = List.of();

	MemberTable(RedisRegistrySettings settings) {
		this.settings = settings;
	}

	/**
	 * Takes over what a read returned.
	 * @param newestFirst the members by heartbeat, the newest first
	 * @param live the number of live members, which may be more than were returned
	 * @param readAt when the read began, by {@link System#nanoTime()}
	 * @param recovering whether Redis was away until a short time ago
	 * @return the snapshot, with the same list as the last one if nothing changed
	 */
	DiscoverySnapshot update(List<String> newestFirst, long live, long readAt, boolean recovering) {
		List<String> taken = limit(newestFirst, live);
		Map<String, Entry> updated = new HashMap<>();
		List<Entry> refused = new ArrayList<>();
		for (int i = taken.size() - 1; i >= 0; i--) {
			String member = taken.get(i);
			Entry known = this.entries.get(member);
			Entry entry = (known != null) ? known : Entry.of(member, this.nextSequence++);
			updated.put(member, entry);
			if (known == null && entry.instance() == null) {
				refused.add(entry);
			}
		}
		this.entries = updated;
		List<DiscoveredInstance> instances = instances();
		int malformed = (int) updated.values().stream().filter((entry) -> entry.instance() == null).count();
		this.rejected = malformed + (int) (live - taken.size());
		reportRefused(refused);
		reportConflicts(instances);
		if (!instances.equals(this.instances)) {
			this.instances = List.copyOf(instances);
		}
		return new DiscoverySnapshot(new SourceView(this.settings.source(), this.instances, readAt,
				recovering ? Absence.TO_BE_CONFIRMED : Absence.EVIDENCE));
	}

	/** The number of members that the last read refused. */
	int rejected() {
		return this.rejected;
	}

	/** The number of members to ask for, so that known ones are not crowded out. */
	int readLimit() {
		return this.settings.maximumMembers() * 2;
	}

	/** Members that are known stay: a flood of new ones must not push them out. */
	private List<String> limit(List<String> newestFirst, long live) {
		int maximum = this.settings.maximumMembers();
		boolean tooMany = live > maximum;
		if (tooMany && !this.overflowing) {
			logger.warn("{}: {} live members (expected: at most {}); those beyond are left out", this.settings.source(),
					live, maximum);
		}
		this.overflowing = tooMany;
		if (newestFirst.size() <= maximum) {
			return newestFirst;
		}
		Set<String> kept = new LinkedHashSet<>();
		newestFirst.stream().filter(this.entries::containsKey).limit(maximum).forEach(kept::add);
		newestFirst.stream().takeWhile((member) -> kept.size() < maximum).forEach(kept::add);
		return newestFirst.stream().filter(kept::contains).toList();
	}

	private List<DiscoveredInstance> instances() {
		List<DiscoveredInstance> instances = new ArrayList<>();
		this.entries.values().stream().sorted(Comparator.comparingLong(Entry::sequence).reversed()).forEach((entry) -> {
			DiscoveredInstance instance = entry.instance();
			if (instance != null && wanted(instance.name())) {
				instances.add(instance);
			}
		});
		return instances;
	}

	private boolean wanted(String name) {
		return this.settings.serviceNames().isEmpty() || this.settings.serviceNames().contains(name);
	}

	private void reportRefused(List<Entry> refused) {
		if (!refused.isEmpty()) {
			Entry example = refused.get(0);
			logger.warn("{}: {} malformed members are left out, for example '{}': {}", this.settings.source(),
					refused.size(), RegistryMember.printable(example.member()), example.problem());
		}
	}

	private void reportConflicts(List<DiscoveredInstance> instances) {
		Map<String, List<DiscoveredInstance>> byService = instances.stream()
			.collect(
					Collectors
						.groupingBy(
								(instance) -> ServiceConfig.normalize(instance.name()) + "/"
										+ ServiceConfig.normalize(instance.id()),
								LinkedHashMap::new, Collectors.toList()));
		byService.values().removeIf((entriesOfOne) -> entriesOfOne.size() < 2);
		this.reportedConflicts.retainAll(byService.keySet());
		byService.forEach((service, conflicting) -> {
			if (this.reportedConflicts.add(service)) {
				logger.warn("{}: {} is there {} times (expected: once); {} was first seen latest and wins",
						this.settings.source(), service, conflicting.size(), endPoint(conflicting.get(0)));
			}
		});
	}

	private static String endPoint(DiscoveredInstance instance) {
		return instance.address() + ":" + instance.port();
	}

	/**
	 * A live member.
	 *
	 * @param member its text
	 * @param sequence its place in the order in which members were first seen
	 * @param instance what it says, or {@code null} if it is malformed
	 * @param problem why it is malformed, or {@code null}
	 */
	private record Entry(String member, long sequence, @Nullable DiscoveredInstance instance,
			@Nullable String problem) {

		static Entry of(String member, long sequence) {
			try {
				return new Entry(member, sequence, RegistryMember.parse(member), null);
			}
			catch (IllegalArgumentException ex) {
				return new Entry(member, sequence, null, ex.getMessage());
			}
		}

	}

}
